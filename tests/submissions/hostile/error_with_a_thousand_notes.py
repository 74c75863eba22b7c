# label: hostile
# exercise: ex2_build_retry_loop
# kind: message
# verdict: reject
# contract: raises an error with a thousand notes of 100 kB
# expect: Failed: your consumer raises an error.
class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        error = ValueError("x")
        for _ in range(1_000):
            error.add_note("N" * 100_000)
        raise error
        q.task_done()
