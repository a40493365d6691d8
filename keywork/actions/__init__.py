"""Every write to the school's own tables goes through here: atomic, keyword-only, with who did it."""
