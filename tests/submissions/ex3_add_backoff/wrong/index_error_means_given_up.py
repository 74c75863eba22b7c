# label: wrong
# exercise: ex3_add_backoff
# misconception: swallows-other-errors
# contract: ex3: 4: "no pauses left" is an IndexError caught around the whole item, so an IndexError of process_item is taken for giving up; shows for that foreign error only
# expect: The consumer goes on as if nothing had happened after an error that is not transient.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        pauses = [delay * backoff**n for n in range(attempts - 1)]
        try:
            while True:
                try:
                    await process_item(item)
                    break
                except TransientError:
                    pause = pauses.pop(0)  # IndexError: none left
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            stats["consumed"] += 1
        except IndexError:
            stats["failed"] += 1
        q.task_done()
