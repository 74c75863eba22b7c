"""What is known of one mistake."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KnownMistake"]


@dataclass(frozen=True)
class KnownMistake:
    """A recognised mistake, in words for the learner who has made it.

    code: its name, in kebab-case; the same wherever it is found.
    sentence: what the code does, as one sentence.
    hints: three levels: what to look at; the idea, in the lesson's words; nearly the code.
    matters: why it matters in production, in one or two sentences.
    follows_from: codes of mistakes of which this one may be a mere consequence: where one of them
        was found already, this one is no further finding.
    """

    code: str
    sentence: str
    hints: tuple[str, str, str]
    matters: str
    follows_from: tuple[str, ...] = ()
