"""Exercise 14: its checks, and the stub as it was handed out."""
