"""Files that nobody wrote, made by how far into the readers they reach."""
