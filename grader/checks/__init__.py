"""The hidden checks: one module per exercise, of the same name as its stub."""
