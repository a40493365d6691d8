"""Need to know: one entry, plan or document shown to a named person, for a time and a reason."""
