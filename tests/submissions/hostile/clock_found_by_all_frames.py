# label: hostile
# exercise: ex3_add_backoff
# kind: clock
# verdict: reject
# contract: does not wait: a thread looks at the frames of all others until one knows the clock
# expect: Failed: the retries do not wait.
import asyncio
import sys
import threading

def look():
    while not found:
        for frame in sys._current_frames().values():
            while frame is not None:
                found.extend(one for one in frame.f_locals.values() if hasattr(type(one), "move_to"))
                frame = frame.f_back


found = []
threading.Thread(target=look, daemon=True).start()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while not found:
        await asyncio.sleep(0)
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    found[0].move_to(found[0].now + delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
