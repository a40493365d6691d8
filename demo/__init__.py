"""Aldermere School: a whole invented school, the same for the same seed on the same day.

`build.build()` is the way in. Everything else is plain Python that plans people and their history; only
`build` and `copying` touch the database. Nobody here exists: names are put together from `names`, telephone
numbers come from the ranges kept for drama, and e-mail addresses end in .example.
"""
