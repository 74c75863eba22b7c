"""Shows results: verdicts in, Rich renderables out; nothing here prints."""
