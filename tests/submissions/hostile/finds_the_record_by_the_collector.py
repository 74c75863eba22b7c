# label: hostile
# exercise: ex3_add_backoff
# kind: record
# verdict: reject
# contract: asks the garbage collector for the record, and forges its end
# expect: Failed: your consumer does nothing with its items.
import asyncio
import gc


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        for one in gc.get_objects():
            if type(one).__name__ == "Recorder":
                one.events[:] = [event for event in one.events if event[2] != "error"]
                one.deterministic = True
            if type(one).__name__ == "Run":
                one.end = {"how": "quiet"}
                one.waits, one.left = [], []
        stats["consumed"] += 1
        q.task_done()
