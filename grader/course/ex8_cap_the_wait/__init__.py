"""Exercise 8: its checks, its mistakes, and the stub as it is handed out."""
