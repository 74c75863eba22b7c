"""A class of submissions: graded together, compared with each other."""
