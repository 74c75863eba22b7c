# label: hostile
# exercise: ex2_build_retry_loop
# kind: tampering
# verdict: reject
# contract: closes all descriptors of its process
# expect: Your file closes what its process needs to answer.
import os

os.closerange(0, 4096)

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
