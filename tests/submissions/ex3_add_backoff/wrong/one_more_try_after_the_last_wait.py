# label: wrong
# exercise: ex3_add_backoff
# misconception: one-try-too-many
# contract: ex2 point 1: attempts retries after the first try
# expect: An item is tried attempts + 1 times: attempts counts the first try too.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        pause, retries = delay, 0
        while True:
            try:
                await process_item(item)
            except TransientError:
                if retries == attempts:
                    stats["failed"] += 1
                    break
                retries += 1
                stats["retried"] += 1
                await asyncio.sleep(pause)
                pause *= backoff
            else:
                stats["consumed"] += 1
                break
        q.task_done()
