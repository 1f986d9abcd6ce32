"""A bank as CSV or XLSX."""
