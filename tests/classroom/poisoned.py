"""A worker that some submissions are poison to: for tests of what a run does about it.

A module that holds `# poison: die` kills the worker, `# poison: nonsense` makes it answer with
something else, `# poison: fault` makes the grader fail.
"""

from __future__ import annotations

import os

from grader.classroom import worker
from grader.classroom.request import module_from
from grader.errors import GraderFault
from grader.judge.listener import Listener
from grader.judge.long_session import RunChecks
from grader.wire import Graded, Request


class _Poisoned(worker._Grading):
    """Grades what is no poison."""

    def __call__(self, request: Request, run: RunChecks, listener: Listener) -> Graded:
        data = b"".join(module_from(row).data or b"" for row in request.job["modules"])
        if b"# poison: die" in data:
            os._exit(9)
        if b"# poison: nonsense" in data:
            return Graded(request.run, ())
        if b"# poison: fault" in data:
            raise GraderFault("The lab failed.")
        if b"# poison: once" in data and not os.path.exists(_flag()):  # noqa: PTH110
            open(_flag(), "w").close()  # noqa: PTH123
            os._exit(9)
        return super().__call__(request, run, listener)


def _flag() -> str:
    return os.environ["POISON_ONCE"]


if __name__ == "__main__":
    worker._Grading = _Poisoned  # type: ignore[misc]
    worker.main()
