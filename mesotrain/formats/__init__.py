"""Text to core values and back. No files, database, clock or Flask: the caller brings the text."""
