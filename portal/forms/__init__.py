"""Forms of the first pages and of the school itself."""
