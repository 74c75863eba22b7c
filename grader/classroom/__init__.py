"""Grades a class: many submissions at once, without ever losing a reported verdict.

`run` is the entry point. Import from the modules themselves: a worker starts with as few imports as
it can, and the command line needs none of them for a single `grade`.
"""
