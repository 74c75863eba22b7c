# label: hostile
# exercise: ex2_build_retry_loop
# kind: slow
# verdict: either
# contract: right, and waits for 1.8 s of real time in each scenario
# expect: Your file waits in real time, or passed.
import select


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    select.select([], [], [], 1.8)
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
