# label: hostile
# exercise: ex3_add_backoff
# kind: leak
# verdict: reject
# contract: looks for the files of other learners, and reads one
# expect: Cannot be imported: what it needs first is refused.
import asyncio
import glob
import os

def escaped():
    here = os.getcwd()
    places = ("..", "../..", "/tmp/*", "/tmp/*/*", "/tmp/*/*/*", "/home/*", "/root/*", "/autograder/submission*", "/proc/[0-9]*/cwd", "/proc/[0-9]*/root/tmp/*")
    for place in places:
        for name in glob.iglob(os.path.join(here, place, "ex[1-5]_*.py")):
            try:
                return bool(open(name).read(1))
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
