# label: hostile
# exercise: ex4_add_jitter
# kind: clock
# verdict: reject
# contract: does not wait: follows what its loop and its service refer to, through objects of C too
# expect: Failed: the retries do not wait.
import asyncio
import gc
import random

def clock(*roots):
    seen, todo = set(), list(roots)
    while todo and len(seen) < 50_000:
        one = todo.pop(0)
        if id(one) not in seen:
            seen.add(id(one))
            if hasattr(type(one), "move_to"):
                return one
            todo += gc.get_referents(one)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    now = clock(process_item, asyncio.get_running_loop(), q)
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    now.move_to(now.now + d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
