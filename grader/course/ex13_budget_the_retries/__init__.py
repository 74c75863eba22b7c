"""Exercise 13: budget the retries."""
