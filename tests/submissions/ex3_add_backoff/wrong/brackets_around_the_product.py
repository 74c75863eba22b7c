# label: wrong
# exercise: ex3_add_backoff
# misconception: power-of-delay
# contract: ex3: the product of delay and backoff is raised to the power, so the first wait is 1 s
# expect: The first wait is one second whatever delay is: (delay * backoff) ** 0 is 1. Only backoff is raised to the power.
import asyncio


class TransientError(Exception):
    pass


def pause_after(failure, delay, backoff):
    return (delay * backoff) ** (failure - 1)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for failure in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if failure == attempts:
                    stats["failed"] += 1
                else:
                    stats["retried"] += 1
                    await asyncio.sleep(pause_after(failure, delay, backoff))
            else:
                stats["consumed"] += 1
                break
        q.task_done()
