"""What each page costs: `make bench` measures and prints, tests/test_queries.py keeps the counts."""
