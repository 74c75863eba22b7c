"""Exercise 10: its checks, and the stub as it was handed out."""
