# label: hostile
# exercise: ex3_add_backoff
# kind: escape
# verdict: reject
# contract: links to files that it may not read
# expect: Cannot be imported: what it needs first is refused.
import asyncio
import os


def escaped():
    for make in (os.symlink, os.link):
        for target in ("/etc/passwd", "/proc/self/root", "/proc/1/root"):
            try:
                make(target, "grader-hostile-link")
                return True
            except OSError:
                pass
    for name in ("/proc/self/fd/0/../../etc/passwd", "/proc/self/cwd/..", "/proc/thread-self/root"):
        try:
            os.open(name, os.O_RDONLY)
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
