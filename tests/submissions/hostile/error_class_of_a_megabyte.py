# label: hostile
# exercise: ex3_add_backoff
# kind: message
# verdict: reject
# contract: raises an error whose class has a name of a megabyte
# expect: Failed: your consumer raises an error.
class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        raise type("E" * 1_000_000, (Exception,), {})("x")
        q.task_done()
