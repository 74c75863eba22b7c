"""What is to be said on a timeline: the check's evidence, and facts that show by themselves."""

from grader.render.timeline.notes.pick import notes

__all__ = ["notes"]
