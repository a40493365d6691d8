"""Forms of the key worker log: they parse, validate and lay out; actions write."""
