"""The locked box: key slots, engine, session, migrations, backup, integrity."""
