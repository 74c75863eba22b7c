# label: hostile
# exercise: ex3_add_backoff
# kind: clock
# verdict: reject
# contract: does not wait: an audit hook looks at the frames below it whenever the lab does something
# expect: Failed: the retries do not wait.
import sys

def hook(event, args):
    frame = sys._getframe()
    while (frame := frame.f_back) is not None and not found:
        found.extend(one for one in frame.f_locals.values() if hasattr(type(one), "move_to"))
        found.extend(one.clock for one in frame.f_locals.values() if hasattr(type(getattr(one, "clock", None)), "move_to"))


found = []
sys.addaudithook(hook)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
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
