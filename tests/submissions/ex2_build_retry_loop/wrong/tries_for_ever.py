# label: wrong
# exercise: ex2_build_retry_loop
# misconception: never-gives-up
# contract: ex2 point 1: an item is given up on when `attempts` tries have failed
# expect: An item that always fails is tried for ever: nothing looks at attempts. Count the tries, and give up after the last.
import asyncio


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        done = False
        while not done:
            try:
                await process_item(item)
                stats["consumed"] += 1
                done = True
            except TransientError:
                stats["retried"] += 1
        q.task_done()
