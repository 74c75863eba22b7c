# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; no queue and no consumer: one loop over asyncio.wait() starts each fetch and each store in a task of its own
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    source = iter(items)
    more = True
    fetching, ready, storing = set(), [], None
    try:
        while True:
            while more and len(fetching) < consumers and len(fetching) + len(ready) <= maxsize + consumers:
                for item in source:
                    fetching.add(asyncio.ensure_future(fetch(item)))
                    break
                else:
                    more = False
            if storing is None and ready:
                storing = asyncio.ensure_future(store(ready.pop(0)))
                continue
            waiting = fetching | ({storing} if storing else set())
            if not waiting:
                return
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if storing in done:
                storing.result()
                storing = None
            for task in done & fetching:
                fetching.remove(task)
                ready.append(task.result())
    finally:
        for task in fetching | ({storing} if storing else set()):
            task.cancel()
