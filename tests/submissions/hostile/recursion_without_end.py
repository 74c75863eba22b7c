# label: hostile
# exercise: ex3_add_backoff
# kind: exhaustion
# verdict: reject
# contract: recurses without end, with the limit lifted
# expect: Python itself crashed, or RecursionError.
import asyncio
import sys

sys.setrecursionlimit(10**9)


class TransientError(Exception):
    pass


class Nested:
    def __getattr__(self, name):
        return getattr(self, name + "x")

    def __repr__(self):
        return repr([self])


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        repr(Nested())
        q.task_done()
