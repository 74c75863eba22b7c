# label: hostile
# exercise: ex2_build_retry_loop
# kind: memory
# verdict: reject
# contract: allocates memory until it is stopped (at most 64 GiB, not touched)
# expect: Your consumer used more memory than allowed.
class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    kept = []
    for _ in range(1024):
        kept.append(bytearray(64 << 20))
    while True:
        item = await q.get()
        kept.append(item)
        q.task_done()
