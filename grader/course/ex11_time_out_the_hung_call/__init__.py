"""Exercise 11: its checks, the service that hangs, and the stub as it was handed out."""
