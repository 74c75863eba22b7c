# label: hostile
# exercise: ex2_build_retry_loop
# kind: tampering
# verdict: accept
# contract: right, with hooks of its own for errors, imports, coroutines and exits
# expect: Passed.
import atexit
import sys
import threading
import types

sys.excepthook = sys.unraisablehook = threading.excepthook = lambda *_args: None
sys.breakpointhook = sys.displayhook = lambda *_args: None
sys.set_coroutine_origin_tracking_depth(20)
sys.addaudithook(lambda event, args: None)
sys.meta_path.append(types.SimpleNamespace(find_spec=lambda *_args: None))
atexit.register(print, "the end")


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
