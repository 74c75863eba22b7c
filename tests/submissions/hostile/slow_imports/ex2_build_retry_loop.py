# label: hostile
# exercise: ex2_build_retry_loop
# kind: slow
# verdict: either
# contract: right, and waits for 1.9 s of real time, works a tick, and waits again before it is imported
# expect: Your file waits in real time, or passed.
import select

for _ in range(4):
    select.select([], [], [], 1.9)
    sum(range(1_000_000))


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
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
