"""Grades a class: many submissions at once, so that nothing that was reported is ever lost.

`run` is where it begins. Import what is needed from there: a worker is started with as little as it
can, and the command line imports none of it for a single `grade`.
"""
