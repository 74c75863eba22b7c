# label: hostile
# exercise: ex2_build_retry_loop
# kind: accident
# verdict: reject
# contract: catches whatever stops it, and goes on
# expect: Your consumer swallows its cancellation.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        try:
            item = await q.get()
            await process_item(item)
            await asyncio.sleep(3600)
        except BaseException:
            pass
