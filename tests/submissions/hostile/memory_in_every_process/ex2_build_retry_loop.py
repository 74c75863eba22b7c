# label: hostile
# exercise: ex2_build_retry_loop
# kind: memory
# verdict: either
# contract: right, and holds 100 MB in each of its processes
# expect: Your file used more memory than allowed, or passed.
ballast = bytearray(b"x") * (100 << 20)


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
