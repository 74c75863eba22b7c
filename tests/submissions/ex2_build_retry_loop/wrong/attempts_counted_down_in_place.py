# label: wrong
# exercise: ex2_build_retry_loop
# misconception: tries-carried-to-next-item
# contract: ex2 point 1: the parameter itself is counted down, so later items get fewer tries
# expect: The parameter attempts is counted down and never restored: the second item that fails gets fewer tries.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        ok = False
        while not ok:
            try:
                await process_item(item)
                ok = True
            except TransientError:
                attempts -= 1
                if attempts <= 0:
                    break
                stats["retried"] += 1
        if ok:
            stats["consumed"] += 1
        else:
            stats["failed"] += 1
        q.task_done()
