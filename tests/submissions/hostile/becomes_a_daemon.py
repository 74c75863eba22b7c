# label: hostile
# exercise: ex2_build_retry_loop
# kind: escape
# verdict: reject
# contract: forks twice into a session of its own, to sleep there for 20 s
# expect: Cannot be imported: what it needs first is refused.
import os
import time


def escaped():
    try:
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(20)
            os._exit(0)
    except OSError:
        return False
    return True


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
