# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; ex2: a heartbeat task prints each minute, the consumer waits in get (heartbeat ended with the consumer)
# expect: Passed.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4):
    async def beat():
        while True:
            await asyncio.sleep(60)
            print(name, "alive")

    heart = asyncio.create_task(beat())
    try:
        while True:
            item = await q.get()
            for n in range(attempts, 0, -1):
                try:
                    await process_item(item)
                    stats["consumed"] += 1
                    break
                except TransientError:
                    stats["failed" if n == 1 else "retried"] += 1
            q.task_done()
    finally:
        heart.cancel()
