"""Forms of the front doors."""
