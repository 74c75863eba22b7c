"""The signs that fill a timeline on a terminal, each with an ASCII twin, and their styles."""

from __future__ import annotations

from dataclasses import dataclass

from grader.render.timeline.model import Sign, State

__all__ = ["ASCII", "STYLES", "UNICODE", "Signs"]


@dataclass(frozen=True)
class Signs:
    """One set of signs: how each state fills a lane, what each event looks like, and the rest."""

    states: dict[State, str]
    marks: dict[Sign, str]
    levels: str
    over: str
    limit: str
    pointer: str
    axis: str
    tick: str
    ruler: tuple[str, str, str]
    twins: dict[str, str]
    band: str

    def text(self, words: str) -> str:
        """Return the course's text with signs replaced by their twins."""
        for sign, twin in self.twins.items():
            words = words.replace(sign, twin)
        return words


UNICODE = Signs(
    {
        State.WORK: "█",
        State.BACKOFF: "░",
        State.PUT: "»",
        State.GET: "·",
        State.JOIN: "─",
        State.WAIT: "…",
        State.SLEEP: "z",
        State.STUCK: "?",
        State.BLOCKED: "▓",
    },
    {
        Sign.DONE: "✔",
        Sign.FAILED: "✘",
        Sign.GAVE_UP: "■",
        Sign.ERROR: "!",
        Sign.CANCELLED: "/",
        Sign.DIED: "†",
        Sign.ASIDE: "▼",
    },
    " ▁▂▃▄▅▆▇█",
    "▒",
    "╌",
    "▲",
    "─",
    "┬",
    ("·", "━", "◆"),
    {},
    "├─┤",
)
ASCII = Signs(
    {
        State.WORK: "#",
        State.BACKOFF: "~",
        State.PUT: ">",
        State.GET: ".",
        State.JOIN: "-",
        State.WAIT: ",",
        State.SLEEP: "z",
        State.STUCK: "?",
        State.BLOCKED: "%",
    },
    {
        Sign.DONE: "+",
        Sign.FAILED: "x",
        Sign.GAVE_UP: "X",
        Sign.ERROR: "!",
        Sign.CANCELLED: "/",
        Sign.DIED: "@",
        Sign.ASIDE: "v",
    },
    " .:-=+*##",
    "&",
    "_",
    "^",
    "-",
    "+",
    (".", "=", "*"),
    {" · ": " - ", "→": "->"},
    "[-]",
)
STYLES: dict[State | Sign, str] = {
    State.WORK: "time.work",
    State.BACKOFF: "time.pause",
    State.PUT: "time.put",
    State.GET: "time.get",
    State.JOIN: "time.get",
    State.WAIT: "time.get",
    State.SLEEP: "time.sleep",
    State.STUCK: "time.wrong",
    State.BLOCKED: "time.wrong",
    Sign.DONE: "time.done",
    Sign.FAILED: "time.wrong",
    Sign.GAVE_UP: "time.wrong",
    Sign.ERROR: "time.wrong",
    Sign.CANCELLED: "time.sleep",
    Sign.DIED: "time.wrong",
    Sign.ASIDE: "time.pause",
}
"""Names of the theme's styles."""
