# label: wrong
# exercise: ex2_build_retry_loop
# misconception: too-few-tries
# contract: ex2: 1: gives up early when two failures of an item read the same ("it will not change its mind"); shows for attempts > 2 with equal messages
# expect: Items are given up on before attempts tries have failed.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        before = None
        attempt = 0
        while True:
            attempt += 1
            try:
                await process_item(item)
            except TransientError as error:
                answer = repr(error)
                if attempt == attempts or answer == before:
                    stats["failed"] += 1
                    break
                before = answer
                stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
