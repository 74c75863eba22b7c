"""Takes in submissions from folders, zips and downloads of learning platforms.

`take_in` finds who handed in what, and lists everything that is not graded with the reason.
"""

from grader.intake.entries import Entry, Intake
from grader.intake.places import Source, Unreadable
from grader.intake.taking import take_in

__all__ = ["Entry", "Intake", "Source", "Unreadable", "take_in"]
