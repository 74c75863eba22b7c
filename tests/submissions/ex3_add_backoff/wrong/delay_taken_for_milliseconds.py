# label: wrong
# exercise: ex3_add_backoff
# misconception: wrong-unit
# contract: ex3: the wait is a thousand times too short
# expect: The waits are a thousand times too short: delay is in seconds already, so do not divide it by 1000.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        pause = delay
        tried = 0
        while True:
            tried += 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if tried == attempts:
                    stats["failed"] += 1
                    break
            stats["retried"] += 1
            await asyncio.sleep(pause / 1000)
            pause *= backoff
        q.task_done()
