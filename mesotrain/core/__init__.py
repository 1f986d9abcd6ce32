"""The rules, pure: no files, no network, no clock, no framework."""
