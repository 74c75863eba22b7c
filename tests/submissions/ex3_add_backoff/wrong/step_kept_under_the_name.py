# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-shared-by-consumers
# contract: ex3: 6: the exponent is kept in a module's dict under the consumer's name; shows when two consumers of the same name have failing items at the same time: they push and reset each other's step
# expect: All consumers use and change one pause.
import asyncio


class TransientError(Exception):
    pass


steps = {}


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        steps[name] = 0
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    pause = delay * backoff ** steps[name]
                    steps[name] += 1
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
