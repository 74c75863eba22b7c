# label: right
# exercise: ex16_ship_it
# contract: no asyncio.Queue: a deque and a Condition
# expect: Passes.
import asyncio
import random
import uuid
from collections import deque


class TransientError(Exception):
    def __init__(self, *args, retry_after=0.0):
        super().__init__(*args)
        self.retry_after = retry_after


class PermanentError(Exception):
    pass


async def run_service(
    items, call, stop, dead_letters, *, consumers=5, maxsize=5, attempts=6, delay=0.05, backoff=2.0,
    jitter=0.25, max_delay=1.0, timeout=0.5, budget=20.0, refund=0.2, grace=1.0,
):
    counts = {"consumed": 0, "retried": 0, "failed": 0, "rejected": 0}
    store, changed = deque(), asyncio.Condition()
    unsettled, fund = {}, budget
    finished = False

    async def produce():
        nonlocal finished
        for number, item in enumerate(items):
            unsettled[number] = item
            async with changed:
                await changed.wait_for(lambda: len(store) < maxsize)
                store.append(number)
                changed.notify_all()
        async with changed:
            finished = True
            changed.notify_all()

    async def fetch():
        async with changed:
            await changed.wait_for(lambda: store or finished or stop.is_set())
            if stop.is_set() or not store:
                return None
            number = store.popleft()
            changed.notify_all()
            return number

    async def consume():
        nonlocal fund
        while (number := await fetch()) is not None:
            item, key, tries, ended = unsettled[number], str(uuid.uuid4()), 0, None
            while ended is None:
                tries += 1
                try:
                    await asyncio.wait_for(call(item, key=key), timeout=timeout)
                    fund = min(budget, fund + refund)
                    ended, error = "consumed", None
                except (TransientError, TimeoutError, ConnectionError) as failure:
                    fund, error = max(0, fund - 1), failure
                    if tries >= attempts or fund <= budget / 2:
                        ended = "failed"
                    else:
                        counts["retried"] += 1
                        p = max(min(max_delay, delay * backoff ** (tries - 1)), getattr(error, "retry_after", 0))
                        await asyncio.sleep(p + p * jitter * random.random())
                except PermanentError as refusal:
                    ended, error = "rejected", refusal
            if error is not None:
                await dead_letters.put((item, tries, error))
            counts[ended] += 1
            del unsettled[number]

    async def listen(work):
        await stop.wait()
        work.cancel()
        async with changed:
            changed.notify_all()

    if stop.is_set():
        return {**counts, "unfinished": []}
    async with asyncio.TaskGroup() as group:
        work = group.create_task(produce())
        crew = [group.create_task(consume()) for _ in range(consumers)]
        ear = group.create_task(listen(work))
        live = set(crew)
        while live and not stop.is_set():
            done, _ = await asyncio.wait({*live, ear}, return_when=asyncio.FIRST_COMPLETED)
            live -= done
        if live:
            _, live = await asyncio.wait(live, timeout=grace)
            for task in live:
                task.cancel()
        ear.cancel()
    return {**counts, "unfinished": [unsettled[n] for n in sorted(unsettled)]}
