# label: hostile
# exercise: ex3_add_backoff
# kind: escape
# verdict: reject
# contract: finds the course by the stack, and runs its solution
# expect: Cannot be imported: what it needs first is refused.
import asyncio
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
    for part in ("solutions/ex3_add_backoff.py", "grader/checks/ex3_add_backoff.py", "README.md"):
        try:
            (course() / part).read_text()
            return True
        except OSError:
            pass
    return False


if not escaped():
    raise RuntimeError("held back")


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
