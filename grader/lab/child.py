"""The learner's process: reads requests, one JSON object per line, and answers each with one line.

    {"do": "load", "nonce": ..., "code": ..., "filename": ..., "name": ..., "seed": ..., "seconds": 2.0}
    {"do": "run", "script": {...}, "seconds": 2.0}

`seconds` is the processor time that the request may take. Each line of an answer begins with the nonce
of the first request, which only the lab has seen. The first line is `{"up": true}`: the walls are up,
the lab works, and no learner's code has run yet. Any failure after that line is the learner's. An
answer is `{"loaded": ...}` or a trace (see `grader.trace`); `{"cut": true, "end": ...}` when the run was
cut short, after which the process ends; or `{"broke": ..., "changed": [...]}` when the lab failed. Each
answer is written at once, so that a later hang loses none.
"""

from __future__ import annotations

import errno
import json
import json.encoder
import os
import sys
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

from grader.lab.driver import Lab
from grader.lab.guard import Guard, limit_memory
from grader.lab.hidden import Steps, detached, opaque
from grader.lab.integrity import Seal
from grader.lab.plain import plain
from grader.lab.surroundings import Surroundings
from grader.script import from_json

if TYPE_CHECKING:
    from grader.lab.confine import Walls
    from grader.lab.notices import Notices

__all__ = ["EXIT_BROKEN", "EXIT_LAB", "EXIT_MEMORY", "EXIT_WALLS", "become_child"]

EXIT_MEMORY = 86
EXIT_LAB = 87  # the lab itself failed before the learner's code began
EXIT_WALLS = 89  # the walls could not be put up; no learner's code was run
EXIT_BROKEN = 88  # the learner's code damaged the lab so badly that it cannot report the error
MEMORY = 384 << 20  # bytes; a correct solution needs about 60 MB

_OURS = ("ctypes", "_ctypes")
# The C part of `json.JSONEncoder`, called directly: its Python part could be replaced.
_make: Any = vars(json.encoder)["c_make_encoder"]
_chunks = _make(None, plain, json.encoder.encode_basestring, None, ":", ",", False, False, True)
_decode = json.JSONDecoder().raw_decode
_write, _read, _leave = os.write, os.read, os._exit


def _encode(data: Any) -> str:
    return "".join(_chunks(data, 0))


def become_child(
    requests: int, answers: int, fault: int, walls: Walls | None = None
) -> Callable[[], None]:
    """Prepare to serve the requests that arrive on the descriptor `requests`.

    Returns a function that serves them and never returns. Call it where no frame of the grader's is
    within reach.

    answers, fault: descriptors for the answers and for the stack of a stopped program.
    walls: what to confine this process with first; the process exits if any of it fails.
    """
    sys.dont_write_bytecode = True
    limit_memory(MEMORY)
    child = _Child(answers)
    if walls is not None:
        _confine(walls, child, fault)
    guard = Guard(fault)
    _hide_grader()
    surroundings = Surroundings()
    return detached(_serving_to_the_end(requests, child, guard), before=surroundings.put_back)


def _serving_to_the_end(requests: int, child: _Child, guard: Guard) -> Steps[None]:
    try:
        yield from _serving(requests, child, guard)
        _leave(0)
    except MemoryError:
        _leave(EXIT_MEMORY)
    finally:
        _leave(EXIT_BROKEN if child.begun else EXIT_LAB)


def _confine(walls: Walls, child: _Child, fault: int) -> None:
    # Import these first: behind the walls the grader's files cannot be read.
    from grader.lab.confine import confine
    from grader.lab.notices import Notices

    try:
        child.notices = Notices() if "notices" in walls else None
        confine(walls)
    except BaseException as error:
        _write(fault, f"{type(error).__name__}: {error}".encode())
        _leave(EXIT_WALLS)


def _hide_grader() -> None:
    """Make the grader's package impossible to import for the learner's code."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != root]
    # Importing ctypes must load it again, which `grader.lab.notices` refuses in the sandbox.
    for name in [name for name in sys.modules if name.split(".")[0] in ("grader", *_OURS)]:
        del sys.modules[name]
    # The submission plays the main program, so `__main__` must not show anything of the grader's.
    sys.modules["__main__"].__dict__.pop("main", None)
    sys.argv[:] = [""]


def _serving(requests: int, child: _Child, guard: Guard) -> Steps[None]:
    pending = b""
    while True:
        line, pending = _next_line(requests, pending)
        if line is None:
            return
        request = _decode(line.decode())[0]
        guard.arm(request["seconds"])
        try:
            data = _encode((yield from child.answering(request)))
        except MemoryError:
            raise
        except Exception as error:
            data = child.breakdown(error)
        finally:
            guard.disarm()
        child.send(data)


class _Child:
    """Answers requests, all for one submission."""

    def __init__(self, answers: int) -> None:
        self.answers = answers
        self.begun = False  # whether the learner's code has started
        self.nonce = ""
        self.notices: Notices | None = None
        self._lab: Lab | None = None
        self._seal: Seal | None = None

    def answering(self, request: dict[str, Any]) -> Steps[dict[str, Any]]:
        if request["do"] == "load":
            self._lab = Lab(request["seed"], on_full=self._full)
            os._exit = opaque(self._left)
            self.nonce = request["nonce"]
            sys.argv[:] = [request["filename"]]  # as when started by hand
            if self.notices is not None:
                self._lab.harden()
                self.notices.begin(request["filename"])
            self._seal = Seal()
            self.send('{"up":true}')
            self.begun = True
            steps = self._lab.loading(request["code"], request["filename"], request["name"])
        else:
            assert self._lab is not None, "nothing was loaded"
            steps = self._lab.running(from_json(request["script"]))
        answer = yield from steps
        if changed := self._seal.foundations_changed() if self._seal is not None else []:
            return {"broke": "", "changed": changed}
        return self._noticed(answer)

    def send(self, data: str) -> None:
        """Write one line of an answer."""
        left = memoryview(f"{self.nonce} {data}\n".encode("utf-8", "replace"))
        while left:
            left = left[_write(self.answers, left) :]

    def _noticed(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer, with the notices so far if notices are on."""
        if self.notices is not None and self.notices.seen:
            answer["noticed"] = list(self.notices.seen)
        return answer

    def breakdown(self, error: Exception) -> str:
        """The answer when the lab itself failed, with the names that the learner's code replaced."""
        names = self._seal.broken()[:8] if self._seal is not None else []
        try:
            text = f"{type(error).__name__} at {_places(error.__traceback__)}"
            return _encode({"broke": text, "changed": names, "spent": _spent(error)})
        except Exception:  # formatting may need something that was replaced
            return '{"broke":"","changed":["' + '","'.join(names) + '"]}'

    def _left(self, status: int = 0) -> NoReturn:
        """Replacement for `os._exit`: reports the line that called it, then exits."""
        self._cut({"how": "exit", "detail": f"os._exit({status})"})

    def _full(self, what: str) -> NoReturn:
        self._cut({"how": "output", "detail": what})

    def _cut(self, end: dict[str, Any]) -> NoReturn:
        record = self._lab.recorder if self._lab is not None else None
        end["line"] = record.line() if record else None
        self.send(_encode(self._noticed({"cut": True, "end": end})))
        _leave(0)


def _places(trace: TracebackType | None) -> str:
    """The innermost frames of an error in the lab, as `file:line`."""
    places: deque[str] = deque(maxlen=6)
    while trace is not None:
        name = os.path.basename(trace.tb_frame.f_code.co_filename)
        places.append(f"{name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " ".join(places)


def _spent(error: BaseException | None) -> str:
    """The resource that ran out, if that is why the lab failed; else an empty string."""
    while error is not None:
        if isinstance(error, OSError) and error.errno == errno.EMFILE:
            return "file descriptors"
        error = error.__cause__ or error.__context__
    return ""


def _next_line(requests: int, pending: bytes) -> tuple[bytes | None, bytes]:
    parts = [pending]
    while b"\n" not in parts[-1]:
        more = _read(requests, 1 << 16)
        if not more:
            return None, b""
        parts.append(more)
    line, _, rest = b"".join(parts).partition(b"\n")
    return line, rest
