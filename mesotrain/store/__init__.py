"""What is remembered: rows, and the queries that find them. Rules live in ``core``."""
