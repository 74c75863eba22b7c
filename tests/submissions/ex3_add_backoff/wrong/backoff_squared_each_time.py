# label: wrong
# exercise: ex3_add_backoff
# misconception: other-growth
# contract: ex3: the power is multiplied into a pause that has grown already
# expect: The third wait is already eight delays: the pause is multiplied by a growing power. Either multiply by backoff each time or use the power, not both.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        pause = delay
        for attempt in range(attempts):
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts - 1:
                    stats["failed"] += 1
                    break
                pause *= backoff ** attempt
                stats["retried"] += 1
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        q.task_done()
