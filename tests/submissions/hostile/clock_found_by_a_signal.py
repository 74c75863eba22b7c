# label: hostile
# exercise: ex4_add_jitter
# kind: clock
# verdict: reject
# contract: does not wait: a timer's signal comes while the lab is at work, and shows its frame
# expect: Failed: the retries do not wait.
import asyncio
import random
import signal

def look(number, frame):
    while frame is not None and not found:
        for one in frame.f_locals.values():
            one = getattr(one, "clock", one)
            if hasattr(type(one), "move_to"):
                found.append(one)
        frame = frame.f_back


found = []
signal.signal(signal.SIGVTALRM, look)
signal.setitimer(signal.ITIMER_VIRTUAL, 0.0003, 0.0003)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while not found:
        await asyncio.sleep(0)
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    found[0].move_to(found[0].now + d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
