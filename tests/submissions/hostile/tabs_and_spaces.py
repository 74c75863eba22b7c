# label: hostile
# exercise: ex2_build_retry_loop
# kind: accident
# verdict: reject
# contract: tabs and spaces are mixed
# expect: TabError in line 16: tabs and spaces are mixed.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
	for attempt in range(attempts):
            await process_item(item)
        q.task_done()
