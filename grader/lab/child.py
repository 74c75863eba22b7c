"""The learner's process: takes requests, a JSON object a line, and answers each with one line.

    {"do": "load", "nonce": ..., "code": ..., "filename": ..., "name": ..., "seed": ..., "seconds": 2.0}
    {"do": "run", "script": {...}, "seconds": 2.0}

`seconds` is the processor time that the request may take. Each line of an answer begins with the nonce
of the first request, which nobody but the lab has seen. The first line is `{"up": true}`: the walls
stand, the lab works, and nothing of the learner's has been run. From then on whatever becomes of the
process is their doing. An answer is `{"loaded": ...}` or a trace (see `grader.trace`), or
`{"cut": true, "end": ...}` when it was stopped for its size (the last answer of the process), or
`{"broke": ..., "changed": [...]}` when the lab failed. It is written as soon as it is known, so that a
later hang loses none.
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
EXIT_WALLS = 89  # the process could not be shut in; nothing of the learner's was run
EXIT_BROKEN = 88  # the learner's code left the lab so that it cannot even say what is wrong
MEMORY = 384 << 20  # bytes; a right solution needs some 60 MB

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
    """Get ready to serve the requests that come over the descriptor `requests`.

    Returns what serves them and never returns, to be called where no frame of ours is in reach.

    walls: what to put up around this process first; none of it may fail.
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
    # Before the walls are up: nothing of the grader's can be read then.
    from grader.lab.confine import confine
    from grader.lab.notices import Notices

    try:
        child.notices = Notices() if "notices" in walls else None
        confine(walls)
    except BaseException as error:
        _write(fault, f"{type(error).__name__}: {error}".encode())
        _leave(EXIT_WALLS)


def _hide_grader() -> None:
    """Take the grader's package out of the learner's reach by import."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != root]
    # Importing ctypes must load it anew, which `grader.lab.notices` refuses in the sandbox.
    for name in [name for name in sys.modules if name.split(".")[0] in ("grader", *_OURS)]:
        del sys.modules[name]
    # The submission stands for the program: nothing of ours is to be found in `__main__` either.
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
    """Answers requests, one submission for the whole of its life."""

    def __init__(self, answers: int) -> None:
        self.answers = answers
        self.begun = False  # the learner's code
        self.nonce = ""
        self.notices: Notices | None = None
        self._lab: Lab | None = None
        self._seal: Seal | None = None

    def answering(self, request: dict[str, Any]) -> Steps[dict[str, Any]]:
        if request["do"] == "load":
            self._lab = Lab(request["seed"], on_full=self._full)
            os._exit = opaque(self._left)
            self.nonce = request["nonce"]
            sys.argv[:] = [request["filename"]]  # as when it is started by hand
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
        """The answer, with what the learner's code tried so far, where somebody looks."""
        if self.notices is not None and self.notices.seen:
            answer["noticed"] = list(self.notices.seen)
        return answer

    def breakdown(self, error: Exception) -> str:
        """The answer when the lab itself failed, and whether the learner's code undermined it."""
        names = self._seal.broken()[:8] if self._seal is not None else []
        try:
            text = f"{type(error).__name__} at {_places(error.__traceback__)}"
            return _encode({"broke": text, "changed": names, "spent": _spent(error)})
        except Exception:  # what was changed may be what formatting needs
            return '{"broke":"","changed":["' + '","'.join(names) + '"]}'

    def _left(self, status: int = 0) -> NoReturn:
        """In the place of `os._exit`: says where the program was left, then leaves."""
        self._cut({"how": "exit", "detail": f"os._exit({status})"})

    def _full(self, what: str) -> NoReturn:
        self._cut({"how": "output", "detail": what})

    def _cut(self, end: dict[str, Any]) -> NoReturn:
        record = self._lab.recorder if self._lab is not None else None
        end["line"] = record.line() if record else None
        self.send(_encode(self._noticed({"cut": True, "end": end})))
        _leave(0)


def _places(trace: TracebackType | None) -> str:
    """Where an error of the lab's came from, the last frames of it."""
    places: deque[str] = deque(maxlen=6)
    while trace is not None:
        name = os.path.basename(trace.tb_frame.f_code.co_filename)
        places.append(f"{name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " ".join(places)


def _spent(error: BaseException | None) -> str:
    """What the process has no more of, where that is why the lab failed; else nothing."""
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
