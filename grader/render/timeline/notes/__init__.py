"""What is to be said on a timeline: found in the trace, picked by the finding of the check."""

from grader.render.timeline.notes.evidence import Evidence
from grader.render.timeline.notes.pick import notes

__all__ = ["Evidence", "notes"]
