# label: hostile
# exercise: ex4_add_jitter
# kind: evidence
# verdict: reject
# contract: stats, names and times of classes of its own that are equal to whatever they are compared with
# expect: Failed: your consumer does nothing with its items.
import asyncio


class Yes(float):
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = __contains__ = lambda self, other: True
    __hash__ = float.__hash__
    __sub__ = __add__ = __round__ = __abs__ = lambda self, *other: self


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    stats.update(consumed=Yes(3), retried=Yes(3), failed=Yes(3))
    asyncio.current_task().set_name(Yes())
    while True:
        await q.get()
        q.task_done()
