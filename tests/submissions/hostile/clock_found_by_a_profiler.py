# label: hostile
# exercise: ex3_add_backoff
# kind: clock
# verdict: reject
# contract: does not wait: a profiling function looks at the frames of the lab's own calls until one knows the clock
# expect: Failed: the retries do not wait.
import sys

def watch(frame, event, arg):
    for one in [arg, *frame.f_locals.values()]:
        one = getattr(one, "clock", one)
        if hasattr(type(one), "move_to"):
            found.append(one)
            sys.setprofile(None)
            break


found = []


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    sys.setprofile(watch)
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    clock = found[-1]
                    clock.move_to(clock.now + delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
