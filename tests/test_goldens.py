"""A sample of the stored findings; `python -m tests.goldens` looks at all of them."""

from __future__ import annotations

import pytest

from tests import goldens

pytestmark = pytest.mark.proof

EVERY = 24  # one in so many is graded here


def test_every_wrong_submission_has_its_findings() -> None:
    """None is left over from a submission that is gone; a new one has them when somebody has looked."""
    assert set(goldens.stored()) <= {one.id for one in goldens.wrong()}


def test_findings_are_as_stored() -> None:
    """What is said changes only when somebody means it to: `python -m tests.goldens --update`."""
    known = goldens.stored()
    seen = [one for one in goldens.wrong() if one.id in known]
    for key, now in goldens.found(seen[::EVERY]).items():
        assert not goldens.differences(known[key], now), key
