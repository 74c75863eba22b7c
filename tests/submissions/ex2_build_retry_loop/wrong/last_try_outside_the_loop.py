# label: wrong
# exercise: ex2_build_retry_loop
# misconception: giving-up-ends-consumer
# contract: ex2 point 2: the failure of the last try leaves the consumer
# expect: The last try stands outside the try statement, so its TransientError ends the consumer instead of being counted.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for _ in range(attempts - 1):
            try:
                await process_item(item)
                break
            except TransientError:
                stats["retried"] += 1
        else:
            await process_item(item)
        stats["consumed"] += 1
        q.task_done()
