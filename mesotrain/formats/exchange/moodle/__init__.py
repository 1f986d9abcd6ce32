"""Moodle's question formats: GIFT, Moodle XML and Aiken, in; GIFT and Moodle XML, out."""
