"""Measures of speed and size, with their goals: ``python -m benchmarks [--full] [--only NAME]``."""
