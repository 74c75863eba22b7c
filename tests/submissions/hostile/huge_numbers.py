# label: hostile
# exercise: ex2_build_retry_loop
# kind: exhaustion
# verdict: reject
# contract: computes a number of a billion digits
# expect: Your consumer never gives the event loop a turn.
class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        stats["consumed"] += len(str(7 ** (10**8)))
        q.task_done()
