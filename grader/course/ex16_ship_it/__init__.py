"""Ex16: all of it together, in eight weathers."""
