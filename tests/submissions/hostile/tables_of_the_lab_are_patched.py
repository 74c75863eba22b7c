# label: hostile
# exercise: ex2_build_retry_loop
# kind: tampering
# verdict: reject
# contract: replaces the methods of whatever class of the lab's its objects belong to
# expect: The file replaces parts of Python that its own code needs.
import asyncio
import sys


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        for one in (asyncio.get_running_loop(), asyncio.current_task(), q, process_item, sys.stdout):
            for kind in type(one).__mro__[:-1]:
                for name in list(vars(kind)):
                    if not name.startswith("__"):
                        try:
                            setattr(kind, name, lambda *_a, **_k: None)
                        except TypeError:
                            pass
        q.task_done()
