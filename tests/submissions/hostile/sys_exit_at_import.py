# label: hostile
# exercise: ex2_build_retry_loop
# kind: accident
# verdict: reject
# contract: sys.exit(0) at import
# expect: Your file calls sys.exit() while it is imported.
import sys

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        q.task_done()

sys.exit(0)
