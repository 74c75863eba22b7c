# label: hostile
# exercise: ex3_add_backoff
# kind: memory
# verdict: reject
# contract: maps shared memory and fills it, 2 GiB at most
# expect: Your consumer used more memory than allowed.
import asyncio
import mmap

kept = []


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    for _ in range(32):
        piece = mmap.mmap(-1, 64 << 20)
        for page in range(0, len(piece), 4096):
            piece[page] = 1
        kept.append(piece)
    while True:
        await q.get()
        q.task_done()
