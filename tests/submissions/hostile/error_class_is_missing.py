# label: hostile
# exercise: ex2_build_retry_loop
# kind: accident
# verdict: reject
# contract: TransientError was renamed
# expect: There is no class called TransientError in your file.
class RetryableError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except RetryableError:
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
