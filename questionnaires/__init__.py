"""Forms kept as versioned data: what TSP and the independence assessment truly share. Each app says what its own document is.

Pure: checks, parts, changes, supplied, upload. With Django: drafts (writing), editing (forms and their saving).
"""
