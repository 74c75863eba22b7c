# label: hostile
# exercise: ex2_build_retry_loop
# kind: escape
# verdict: reject
# contract: finds the course by the stack, and opens its files for writing
# expect: Cannot be imported: what it needs first is refused.
import os
import pathlib
import sys


def course():
    """Where the grader lies: the code on the stack knows its files."""
    frame = sys._getframe()
    while frame is not None:
        path = frame.f_code.co_filename
        if "/grader/lab/" in path:
            return pathlib.Path(path.partition("/grader/lab/")[0])
        frame = frame.f_back
    return pathlib.Path.cwd()


def escaped():
    root = course()
    for part in ("solutions/ex2_build_retry_loop.py", "exercises/ex2_build_retry_loop.py", "grader/judge.py"):
        try:
            os.close(os.open(root / part, os.O_WRONLY | os.O_APPEND))
            return True
        except OSError:
            pass
    try:
        (root / "grader-hostile").write_text("x")
        return True
    except OSError:
        return False


if not escaped():
    raise RuntimeError("held back")


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
