# label: hostile
# exercise: ex3_add_backoff
# kind: exit
# verdict: reject
# contract: reads where no memory is
# expect: Python itself crashed.
import asyncio
import ctypes


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    await q.get()
    ctypes.string_at(8)
