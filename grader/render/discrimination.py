"""How well a check tells those who have many points from those who have few.

The point-biserial correlation of passing the check (1 or 0) with the points of everything else:

    r = (M1 - M0) / s * sqrt(p * (1 - p))

where M1 and M0 are the mean points elsewhere of those who passed and of those who did not, s is the
standard deviation of all (of the population), and p the share that passed. It equals Pearson's r.
Sources: R. F. Tate, "Correlation between a discrete and a continuous variable", Annals of Mathematical
Statistics 25 (1954); the check's own points are left out, or it would correlate with itself: S.
Henrysson, "Correction of item-total correlations in item analysis", Psychometrika 28 (1963).

By the usual rule of thumb (R. L. Ebel, "Essentials of Educational Measurement", 1972) 0.4 is very good,
below 0.2 is little, and below zero asks for a look: those who pass have fewer points elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

__all__ = ["Discrimination"]


@dataclass
class Discrimination:
    """Adds up one check, a learner at a time; whole numbers, so that nothing is lost by rounding."""

    passed: int = 0
    failed: int = 0
    points_passed: int = 0
    points_failed: int = 0
    squares: int = 0

    def add(self, *, passed: bool, elsewhere: int) -> None:
        """Count a learner. elsewhere: their points without those of this check."""
        if passed:
            self.passed += 1
            self.points_passed += elsewhere
        else:
            self.failed += 1
            self.points_failed += elsewhere
        self.squares += elsewhere * elsewhere

    @property
    def value(self) -> float | None:
        """The correlation, -1 to 1; None where all passed, or failed, or have the same points."""
        count = self.passed + self.failed
        total = self.points_passed + self.points_failed
        # count² times the variance: a whole number, which is zero where all have the same points.
        spread = count * self.squares - total * total
        if not self.passed or not self.failed or spread <= 0:
            return None
        # (M1 - M0) * sqrt(p q) / s, with all denominators multiplied out.
        difference = self.points_passed * self.failed - self.points_failed * self.passed
        return difference / sqrt(spread * self.passed * self.failed)
