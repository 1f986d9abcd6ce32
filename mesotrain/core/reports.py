"""What takers say of a question, or of a result, and what educators answer."""

LONGEST_REPORT = 1000
LONGEST_REPLY = 1000
"""Characters."""
