# label: hostile
# exercise: ex4_add_jitter
# kind: exit
# verdict: reject
# contract: leaves with the code 89 in the middle of an item
# expect: Your file ended the process.
import posix


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        await process_item(1)
        posix._exit(89)
        q.task_done()
