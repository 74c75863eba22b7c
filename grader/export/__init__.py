"""Writes results for other programs: results in, text out; one module per format."""
