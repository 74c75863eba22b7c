# label: wrong
# exercise: ex3_add_backoff
# misconception: spins-while-waiting
# contract: ex3: the wait is a loop of sleep(0)
# expect: The wait is a loop that asks for the time thousands of times and keeps a processor busy: sleep for the whole pause instead.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    loop = asyncio.get_running_loop()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    until = loop.time() + delay * backoff ** (attempt - 1)
                    while loop.time() < until:
                        await asyncio.sleep(0)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
