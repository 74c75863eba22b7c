"""Exercise 15: its checks, its mistakes, and the stub as it was handed out."""
