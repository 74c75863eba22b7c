"""Runs submissions in processes of their own, and brings back traces.

`hosts` starts processes, `learner` runs one submission in them; import what is needed from there: the
host is started before the rest is even imported.
"""
