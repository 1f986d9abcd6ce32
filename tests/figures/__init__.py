"""The test programme of sitting: what is promised, with its sizes and goals, in `promises`; a module for each part."""
