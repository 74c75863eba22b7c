# label: wrong
# exercise: ex3_add_backoff
# misconception: pause-rounded
# contract: ex3: the wait is cut to whole seconds
# expect: The wait is cut to whole seconds, which is 0 for every wait below one: asyncio.sleep() takes fractions.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        pause = delay
        for left in range(attempts, 0, -1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if left == 1:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(int(pause))
                pause *= backoff
        q.task_done()
