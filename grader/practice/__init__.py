"""The learner's loop: notices saves and keys, has the exercise graded, and decides what to show."""
