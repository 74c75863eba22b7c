# label: hostile
# exercise: ex4_add_jitter
# kind: message
# verdict: reject
# contract: leaves coroutines unawaited whose qualified name has a megabyte
# expect: Failed: your consumer does nothing with its items.
async def pause():
    pass


pause.__qualname__ = "Q" * 1_000_000


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        pause()
        q.task_done()
