# label: hostile
# exercise: ex2_build_retry_loop
# kind: tampering
# verdict: reject
# contract: has the collector run at every turn, and call a function that changes what it finds
# expect: Failed: your consumer does nothing with its items.
import gc

def collected(phase, info):
    for one in gc.get_objects(generation=0):
        if type(one) is list and one and type(one[0]) is float:
            one.clear()


gc.callbacks.append(collected)
gc.set_threshold(1, 1, 1)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        q.task_done()
