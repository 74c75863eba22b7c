"""The timeline: a trace drawn over virtual time, on a terminal or as an SVG."""
