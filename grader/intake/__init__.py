"""Takes in submissions as they come: folders, zips, downloads of learning platforms.

`take_in` finds who handed in what; everything that is not graded is listed with the reason.
"""

from grader.intake.entries import Entry, Intake
from grader.intake.places import Source, Unreadable
from grader.intake.taking import take_in

__all__ = ["Entry", "Intake", "Source", "Unreadable", "take_in"]
