"""SQL, by the command-line programs of DuckDB, SQLite and PostgreSQL."""
