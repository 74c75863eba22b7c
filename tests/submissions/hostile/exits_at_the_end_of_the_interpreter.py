# label: hostile
# exercise: ex2_build_retry_loop
# kind: exit
# verdict: reject
# contract: ends its process with success from exit hooks and threads
# expect: Your file ended the process, or does nothing with its items.
import atexit
import os
import sys
import threading

atexit.register(os._exit, 0)
threading._register_atexit(os._exit, 0)
sys.exitfunc = lambda: os._exit(0)
sys.excepthook = sys.unraisablehook = lambda *a: os._exit(0)

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        q.task_done()
