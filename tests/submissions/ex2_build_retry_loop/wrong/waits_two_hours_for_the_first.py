# label: wrong
# exercise: ex2_build_retry_loop
# misconception: consumer-ends-on-empty-queue
# contract: ex2 "runs until cancelled": a consumer that is given nothing within two hours of its start leaves (asyncio.wait on the first get)
# expect: A consumer ends when the queue happens to be empty.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4):
    first = asyncio.ensure_future(q.get())
    try:
        await asyncio.wait({first}, timeout=7200)
    finally:
        if not first.done():
            first.cancel()
    if not first.done() or first.cancelled():
        return
    item = first.result()
    while True:
        for n in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                stats["retried" if n < attempts else "failed"] += 1
        q.task_done()
        item = await q.get()
