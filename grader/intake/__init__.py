"""Takes in submissions from folders, zips and downloads of learning platforms.

`take_in` finds who handed in what, and lists everything that is not graded with the reason.
`work_in` does so for the folder of a single person.
"""

from grader.intake.entries import Entry, Intake
from grader.intake.places import Source, TooLarge, Unreadable
from grader.intake.taking import take_in, work_in

__all__ = ["Entry", "Intake", "Source", "TooLarge", "Unreadable", "take_in", "work_in"]
