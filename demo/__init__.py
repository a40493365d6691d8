"""Aldermere School: a whole invented school, the same for the same seed on the same day.

`build.build()` is the way in. People and their past are planned as plain rows (`rows`), drawn by seeded dice, and copied at
once; what the people everyone meets did lately are actions of the product (`story`). All words, names, weights and stories
are data in `texts/`. Nobody here exists: telephone numbers come from the ranges kept for drama, and e-mail addresses end in
.example.
"""
