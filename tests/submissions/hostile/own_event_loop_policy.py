# label: hostile
# exercise: ex4_add_jitter
# kind: accident
# verdict: either
# contract: sets an event loop policy of its own at import; the functions are right
# expect: Passed on its functions, or a clear message about the event loop policy.
import asyncio
import random


class CountingPolicy(asyncio.DefaultEventLoopPolicy):
    loops = 0

    def new_event_loop(self):
        CountingPolicy.loops += 1
        return super().new_event_loop()


asyncio.set_event_loop_policy(CountingPolicy())

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
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
