# label: wrong
# exercise: ex8_cap_the_wait
# misconception: work-runs-beside-the-consumer
# contract: ex8 point 2: at the deadline the consumer leaves its try alone and takes the next item
# expect: A try that is running goes on behind the consumer's back: it has to be waited for.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    clock = asyncio.get_running_loop().time
    while True:
        item = await q.get()
        latest = None if deadline is None else clock() + deadline
        grown = delay
        for attempt in range(1, attempts + 1):
            work = asyncio.ensure_future(process_item(item))
            try:
                async with asyncio.timeout_at(latest) as limit:
                    await asyncio.shield(work)
            except TimeoutError:
                if not limit.expired():
                    raise
                stats["failed"] += 1
                break
            except asyncio.CancelledError:
                work.cancel()
                raise
            except TransientError:
                clean = min(max_delay, grown)
                grown *= backoff
                pause = clean + random.uniform(0, clean * jitter)
                if attempt == attempts or (latest is not None and clock() + pause > latest):
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        q.task_done()
