# label: wrong
# exercise: ex3_add_backoff
# misconception: sleeps-after-last-failure
# contract: ex3: a wait after the last failure
# expect: After the last failure the consumer waits once more before it gives up: no try follows, so there is nothing to wait for.
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
                stats["consumed"] += 1
                break
            except TransientError:
                await asyncio.sleep(pause)
                pause *= backoff
                if attempt < attempts - 1:
                    stats["retried"] += 1
        else:
            stats["failed"] += 1
        q.task_done()
