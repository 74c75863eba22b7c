# label: hostile
# exercise: ex3_add_backoff
# kind: clock
# verdict: reject
# contract: does not wait: its TransientError looks at who makes it, and finds the clock there
# expect: Failed: the retries do not wait.
import sys


class TransientError(Exception):
    """Whoever makes one stands right below its __init__."""

    def __init__(self, *args):
        super().__init__(*args)
        found.update(sys._getframe(1).f_locals)


found = {}


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    clock = found["self"]._recorder.clock
                    clock.move_to(clock.now + delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
