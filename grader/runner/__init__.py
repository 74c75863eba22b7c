"""Runs submissions in their own processes, and returns traces.

`hosts` starts processes, `learner` runs one submission in them. Import from the modules themselves:
the host starts before the rest is imported.
"""
