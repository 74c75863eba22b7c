# label: hostile
# exercise: ex2_build_retry_loop
# kind: exit
# verdict: reject
# contract: leaves with the code 86 in the middle of an item
# expect: Your file ended the process.
import posix


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        await process_item(1)
        posix._exit(86)
        q.task_done()
