# label: hostile
# exercise: ex2_build_retry_loop
# kind: tampering
# verdict: reject
# contract: replaces builtins that checks rely on
# expect: Failed: your consumer does nothing with its items.
import builtins

builtins.all = lambda it: True
builtins.any = lambda it: False
builtins.len = lambda x: 0
builtins.abs = lambda x: 0
builtins.sorted = lambda x, **k: x
builtins.AssertionError = type("AssertionError", (Exception,), {})

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        q.task_done()
