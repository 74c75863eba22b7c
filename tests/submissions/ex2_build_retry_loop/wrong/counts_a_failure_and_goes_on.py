# label: wrong
# exercise: ex2_build_retry_loop
# misconception: no-retry
# contract: ex2 point 1: an item is tried until it succeeds or `attempts` tries have failed
# expect: An item that fails once is given up on at once: there is no second try. Loop over the attempts.
import asyncio


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        try:
            await process_item(item)
            stats["consumed"] += 1
        except TransientError as error:
            print(f"{name} FAIL {item}: {error}")
            stats["failed"] += 1
        finally:
            q.task_done()
