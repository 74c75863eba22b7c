"""The toolkit for checks and rules: declarations, scenarios, draws, failures."""
