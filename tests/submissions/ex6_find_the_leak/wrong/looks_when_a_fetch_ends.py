# label: wrong
# exercise: ex6_find_the_leak
# misconception: store-left-idle
# contract: ex6 point 3: one loop starts fetches and stores, and wakes only when a fetch ends, not when a store does
# expect: store() is idle although a record waits.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    source = iter(items)
    drained = False
    fetching, ready, storing = set(), [], None
    async with asyncio.TaskGroup() as group:
        while True:
            while not drained and len(fetching) < consumers and len(fetching) + len(ready) < maxsize + consumers:
                for item in source:
                    fetching.add(group.create_task(fetch(item)))
                    break
                else:
                    drained = True
            if ready and (storing is None or storing.done()):
                storing = group.create_task(store(ready.pop(0)))
            if fetching:
                done, fetching = await asyncio.wait(fetching, return_when=asyncio.FIRST_COMPLETED)
                ready += [task.result() for task in done]
            elif storing is not None and not storing.done():
                await asyncio.wait([storing])
            elif not ready and drained:
                return
