"""Grades the hostile submissions: in a class by the public command, and file by file in this process."""
