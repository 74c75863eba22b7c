"""Records each line on the learner's standard streams with its virtual time and task."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

from grader.lab.hidden import bare, opaque, seal
from grader.lab.patches import Patches
from grader.lab.recorder import LONGEST_PRINT, Recorder

__all__ = ["Lines", "install_prints"]


class Lines:
    """Records whole lines; buffers a partial line until it is complete.

    A line belongs to the task that completes it.
    """

    def __init__(self, kind: str, number: int) -> None:
        self.kind = kind
        self.recorder: Recorder | None = None  # None until a module is loaded: nothing is recorded
        self.parts: list[str] = []  # print() writes a line in parts; `_writer` holds this same list
        self._stream = Prints(self, number)
        self._write = self._stream.write

    @property
    def stream(self) -> Prints:
        """The replacement for the standard stream."""
        return self._stream

    def begin(self, recorder: Recorder) -> None:
        """Write to this recorder from now on; for a brief one, discard everything as fast as possible."""
        self.recorder = recorder
        self._stream.write = len if recorder.brief else self._write  # type: ignore[method-assign]

    def pass_on(self) -> None:
        """Record the complete lines and keep the rest."""
        recorder = self.recorder
        if recorder is None:
            return
        *lines, rest = "".join(self.parts).split("\n")
        self.parts[:] = [rest] if rest else []
        for line in lines:
            recorder.printed(self.kind, line)
        if len(rest) >= LONGEST_PRINT:
            self.finish()

    def finish(self) -> None:
        """Record a last line that has no newline."""
        rest = "".join(self.parts)
        self.parts.clear()
        if self.recorder is not None and rest:
            self.recorder.printed(self.kind, rest)


class Prints(io.TextIOBase):
    """A text stream that records every line with its virtual time and task.

    Replaces `sys.stdout` and `sys.stderr` in the learner's process.
    """

    __slots__ = ("buffer", "number", "write")

    encoding = "utf-8"
    errors = "replace"
    line_buffering = True

    def __init__(self, lines: Lines, number: int) -> None:
        self.write = _writer(lines)  # type: ignore[method-assign]  # called ten times a line
        self.buffer = _Bytes(self)
        self.number = number

    def close(self) -> None:
        """Do nothing: the stream stays open, so that later prints still work."""

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.number

    def reconfigure(self, **_options: Any) -> None:
        """Do nothing: this stream accepts every character and does not buffer."""


Prints.__name__ = Prints.__qualname__ = "TextIOWrapper"  # looks like the real stream's class
Prints.__module__ = "_io"
seal(Prints)


def _writer(lines: Lines) -> Any:
    """The `write` of a stream; bare rather than opaque for speed, as it is called ten times per line."""
    parts, pass_on, longest = lines.parts, opaque(lines.pass_on), LONGEST_PRINT

    @bare
    def write(text: str) -> int:
        """Buffer `text` and pass on whole lines."""
        if type(text) is not str:
            if not isinstance(text, str):
                raise TypeError(f"write() argument must be str, not {type(text).__name__}")
            text = "".join([text, ""])  # noqa: FLY002 - asks a subclass for no `__format__`
        parts.append(text)
        if "\n" in text or len(parts) >= longest:
            pass_on()
        return len(text)

    return write


class _Bytes(io.RawIOBase):
    """The binary side of `Prints`."""

    def __init__(self, prints: Prints) -> None:
        self._prints = prints

    def write(self, data: Any) -> int:
        raw = memoryview(data).tobytes()
        self._prints.write(raw.decode("utf-8", "replace"))
        return len(raw)

    def close(self) -> None:
        """Do nothing, as `Prints.close`."""

    def writable(self) -> bool:
        return True


seal(_Bytes)


def install_prints(patches: Patches) -> tuple[Lines, Lines]:
    """Replace stdout and stderr by `Prints`, `sys.__stdout__` and `sys.__stderr__` included."""
    lines = Lines("print", 1), Lines("stderr", 2)
    out, err = (one.stream for one in lines)
    for name, stream in (("stdout", out), ("stderr", err)):
        patches.set(sys, name, stream)
        patches.set(sys, f"__{name}__", stream)
    write = os.write

    def recorded_write(number: int, data: Any, /) -> int:
        if number in (1, 2):
            return (out if number == 1 else err).buffer.write(data)
        return write(number, data)

    patches.set(os, "write", recorded_write)
    return lines
