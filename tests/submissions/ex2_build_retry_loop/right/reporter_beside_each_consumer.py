# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; a task that prints the stats twice a second goes on until the consumer ends
# expect: Passed.
import asyncio


class TransientError(Exception):
    pass


async def report(stats):
    while True:
        await asyncio.sleep(0.5)
        print(stats)


async def consumer(name, q, process_item, stats, *, attempts=4):
    reporter = asyncio.create_task(report(stats))
    try:
        while True:
            item = await q.get()
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if attempt < attempts:
                        stats["retried"] += 1
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
            q.task_done()
    finally:
        reporter.cancel()
