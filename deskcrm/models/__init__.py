"""SQLModel tables and enums, one file per aggregate. Data only."""
