"""A worker that some submissions are poison to: for tests of what a run does about it.

A module that holds `# poison: die` kills the worker, `# poison: nonsense` makes it answer with
something else, `# poison: fault` makes the grader fail.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from grader.classroom import worker
from grader.classroom.request import module_from
from grader.errors import GraderFault

COMMAND_MODULE = __name__
_GRADED = worker._graded


def _graded(request: Mapping[str, Any], *rest: Any) -> dict[str, Any]:
    data = b"".join(module_from(row).data or b"" for row in request["modules"])
    if b"# poison: die" in data:
        os._exit(9)
    if b"# poison: nonsense" in data:
        return {"exercises": [{"exercise": "none"}]}
    if b"# poison: fault" in data:
        return {"fault": str(GraderFault("The lab failed."))}
    if b"# poison: once" in data and not os.path.exists(_flag()):  # noqa: PTH110
        open(_flag(), "w").close()  # noqa: PTH123
        os._exit(9)
    return _GRADED(request, *rest)


def _flag() -> str:
    return os.environ["POISON_ONCE"]


if __name__ == "__main__":
    worker._graded = _graded  # type: ignore[assignment]  # takes whatever it hands on
    worker.main()
