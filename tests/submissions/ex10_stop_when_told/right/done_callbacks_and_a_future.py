# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; the tasks' callbacks resolve one future, which is all that run_pipeline awaits
# expect: Passed: a future is resolved by whatever comes first: all is done, an error, or the end of the grace.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    if stop.is_set():
        return {"consumed": 0, "retried": 0, "failed": 0, "unfinished": []}
    loop = asyncio.get_running_loop()
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    left = {}
    source = enumerate(items)
    queue = []
    hands = {}
    end = loop.create_future()
    more = True
    timer = None

    def fill():
        nonlocal more
        while not stop.is_set() and more and len(queue) < maxsize:
            try:
                number, item = next(source)
            except StopIteration:
                more = False
            else:
                left[number] = item
                queue.append((number, item))
                begin()

    def begin():
        while not end.done() and queue and len(hands) < consumers and not stop.is_set():
            number, item = queue.pop(0)
            hands[number] = task = loop.create_task(settle(number, item))
            task.add_done_callback(lambda task, number=number: ended(number, task))

    def ended(number, task):
        del hands[number]
        if not task.cancelled() and task.exception() is not None:
            if not end.done():
                end.set_exception(task.exception())
            return
        begin()
        fill()
        finished = not hands and (stop.is_set() or not (queue or more))
        if finished and not end.done():
            end.set_result(None)

    async def settle(number, item):
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(clean + random.uniform(0, clean * jitter))
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                del left[number]
                return
        stats["failed"] += 1
        del left[number]

    def resolve():
        if not end.done():
            end.set_result(None)

    async def watch():
        nonlocal timer
        await stop.wait()
        if not hands:
            resolve()
        elif grace <= 0:
            resolve()
        else:
            timer = loop.call_later(grace, resolve)

    watching = loop.create_task(watch())
    fill()
    if not hands:
        resolve()
    try:
        await end
    finally:
        if timer:
            timer.cancel()
        rest = [watching, *hands.values()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
    return {**stats, "unfinished": list(left.values())}
