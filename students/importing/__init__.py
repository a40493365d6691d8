"""People come in from files (domain section 8).

A file is read (`source`) into rows of canonical columns (`columns`, or straight from a CTF), each row is parsed
(`rows`), all rows together are planned against the people already here (`plan`) and the plan is carried out
(`apply`). Reading and planning change nothing, so a dry run and a preview are the same thing without the end.
"""
