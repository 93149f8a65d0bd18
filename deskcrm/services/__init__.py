"""The use cases, one file per capability. The only door to the data."""
