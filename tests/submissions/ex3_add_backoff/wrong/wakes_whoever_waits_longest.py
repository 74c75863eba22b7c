# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-shared-by-consumers
# contract: ex3: 6: all sleepers stand in one line, and a timer wakes the first of the line, not its own sleeper; shows when a short pause begins and ends inside another consumer's long one: they are exchanged
# expect: All consumers use and change one pause.
import asyncio
from collections import deque
from weakref import WeakKeyDictionary


class TransientError(Exception):
    pass


lines = WeakKeyDictionary()  # loop: the sleepers


def wake(line):
    sleeper = line.popleft()
    if not sleeper.done():
        sleeper.set_result(None)


async def nap(seconds):
    loop = asyncio.get_running_loop()
    line = lines.setdefault(loop, deque())
    sleeper = loop.create_future()
    line.append(sleeper)
    loop.call_later(seconds, wake, line)
    await sleeper


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await nap(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
