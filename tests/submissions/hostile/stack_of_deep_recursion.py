# label: hostile
# exercise: ex4_add_jitter
# kind: stack
# verdict: reject
# contract: spins 5,000 calls deep, under a name as long as a page
# expect: Your consumer never gives the event loop a turn.
import sys

sys.setrecursionlimit(100_000)
exec(f"def {'f' * 4_000}(depth):\n    depth and {'f' * 4_000}(depth - 1)\n    while True: pass\n")


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        globals()["f" * 4_000](5_000)
        q.task_done()
