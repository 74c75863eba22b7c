# label: wrong
# exercise: ex3_add_backoff
# misconception: linear-backoff
# contract: ex3: the wait grows by addition
# expect: The wait grows by adding delay * backoff; it has to be multiplied by backoff.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        pause = delay
        tries = 0
        done = False
        while not done:
            tries += 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                done = True
            except TransientError:
                if tries == attempts:
                    stats["failed"] += 1
                    done = True
                else:
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
                    pause += delay * backoff
        q.task_done()
