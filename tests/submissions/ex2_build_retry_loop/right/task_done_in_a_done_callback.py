# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; a future per item carries task_done() as its callback; it is resolved only when the item is settled and counted
# expect: Passed.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4):
    loop = asyncio.get_running_loop()

    def mark(settled):
        q.task_done()

    while True:
        item = await q.get()
        settled = loop.create_future()
        settled.add_done_callback(mark)
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                else:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        settled.set_result(item)
        await asyncio.sleep(0)  # one turn for the callback; no time passes
