"""Questions to a trace that several exercises ask, one module per idea."""
