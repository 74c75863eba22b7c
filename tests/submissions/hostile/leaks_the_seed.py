# label: hostile
# exercise: ex4_add_jitter
# kind: leak
# verdict: reject
# contract: finds the seed of the run in the frames below its own, from which the inputs are drawn
# expect: Cannot be imported: what it needs first is refused.
import asyncio
import random
import sys

def escaped():
    frame = sys._getframe(1)
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if isinstance(value, dict) and ("seed" in value or "scenario" in value):
                return True
        frame = frame.f_back
    return False


if not escaped():
    raise RuntimeError("held back")


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
