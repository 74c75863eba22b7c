# label: hostile
# exercise: ex3_add_backoff
# kind: message
# verdict: reject
# contract: raises an error with a chain of 100,000 causes, and one that is its own cause
# expect: Failed: your consumer raises an error.
class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        error = last = ValueError("first")
        for _ in range(100_000):
            error.__cause__ = type(error)("next")
            error = error.__cause__
        error.__cause__ = last
        raise last
        q.task_done()
