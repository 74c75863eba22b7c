"""Rules on traces that several exercises share, one module per idea."""
