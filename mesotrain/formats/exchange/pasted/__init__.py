"""Questions as people write them: pasted text and word-processor files, with every guess marked as one."""
