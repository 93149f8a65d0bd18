"""When scans run: APScheduler wiring, the scan thread, the heartbeat."""
