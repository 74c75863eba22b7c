# label: wrong
# exercise: ex2_build_retry_loop
# misconception: own-timeout-added
# contract: ex2 1: from the third try on a limit of 3600 s
# expect: Work is cut off after a time that nobody asked for.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        for n in range(1, attempts + 1):
            try:
                await asyncio.wait_for(process_item(item), 3600 if n >= 3 else None)
            except TransientError:
                stats["retried" if n < attempts else "failed"] += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
