"""What checks and rules are written with: declarations, draws, failures."""
