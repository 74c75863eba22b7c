# label: hostile
# exercise: ex2_build_retry_loop
# kind: record
# verdict: reject
# contract: walks the stack to the record of what happens, and empties it
# expect: Failed: your consumer does nothing with its items.
import sys


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        frame = sys._getframe()
        while frame is not None:
            for value in list(frame.f_locals.values()):
                for owner in (value, getattr(value, "record", None), getattr(value, "recorder", None)):
                    if isinstance(getattr(owner, "events", None), list):
                        owner.events.clear()
            frame = frame.f_back
        stats["consumed"] += 1
        q.task_done()
