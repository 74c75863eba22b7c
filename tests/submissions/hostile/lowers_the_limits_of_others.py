# label: hostile
# exercise: ex3_add_backoff
# kind: escape
# verdict: reject
# contract: reads and sets limits, priority and processors of its parent
# expect: Cannot be imported: what it needs first is refused.
import asyncio
import os
import resource


def escaped():
    parent = os.getppid()
    tries = (
        lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE),
        lambda: os.setpriority(os.PRIO_PROCESS, parent, 19),
        lambda: os.sched_setaffinity(parent, os.sched_getaffinity(0)),
        lambda: os.sched_setscheduler(parent, os.SCHED_IDLE, os.sched_param(0)),
    )
    for attempt in tries:
        try:
            attempt()
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
