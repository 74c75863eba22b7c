"""The notes on a timeline: the check's evidence, and facts evident from the trace."""

from grader.render.timeline.notes.pick import notes

__all__ = ["notes"]
