"""A certificate as an SVG picture."""

from __future__ import annotations

from collections.abc import Sequence

from grader.course.catalog import TITLE
from grader.render.certificate import Part, done_words, summary
from grader.render.svg import Picture, element, wrapped

__all__ = ["certificate_svg"]

EDGE = 40.0
WIDTH = 820.0


def certificate_svg(parts: Sequence[Part], name: str = "") -> str:
    """Return the picture of a certificate. name: whose it is, if it was given."""
    said = summary(parts, name)
    picture = Picture(f"Certificate: {TITLE}", said, WIDTH)
    picture.height = 24
    picture.lines(EDGE, ["Certificate"], "soft", 24)
    picture.lines(EDGE, [TITLE], "head", 24)
    picture.lines(EDGE, wrapped(said, WIDTH - 2 * EDGE), "b", 22)
    for part in parts:
        picture.height += 14
        picture.lines(EDGE, [f"{part.track.capitalize()}{done_words(part)}"], "b", 20)
        for learned in part.learned:
            lines = wrapped(learned, WIDTH - 2 * EDGE - 20)
            picture.lines(EDGE + 20, lines, "soft")
    picture.height += 12
    picture.lines(EDGE, ["Judged by what the code did, run by run."], "soft", 20)
    picture.height += 12
    frame = {"width": WIDTH - 20, "height": picture.height - 8, "x": 10, "y": 10, "rx": 8}
    picture.add(element("rect", class_="grid", fill="none", **frame))
    return str(picture)
