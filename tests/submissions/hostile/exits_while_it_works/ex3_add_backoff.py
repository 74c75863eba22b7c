# label: hostile
# exercise: ex3_add_backoff
# kind: exit
# verdict: reject
# contract: leaves with the code 87 in the middle of an item
# expect: Your file ended the process.
import posix


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        await process_item(1)
        posix._exit(87)
        q.task_done()
