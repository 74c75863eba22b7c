# label: right
# exercise: ex16_ship_it
# contract: no queue: each consumer takes its next item itself
# expect: Passes.
import asyncio
import random
import secrets


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
    counts = dict.fromkeys(("consumed", "retried", "failed", "rejected"), 0)
    source = enumerate(items)
    unsettled = {}
    account = budget

    async def try_once(item, key):
        nonlocal account
        try:
            await asyncio.wait_for(call(item, key=key), timeout)
        except (TransientError, ConnectionError, TimeoutError) as error:
            account = max(account - 1, 0)
            return error
        account = min(account + refund, budget)
        return None

    async def one(item):
        key = secrets.token_hex(12)
        for number in range(1, attempts + 1):
            try:
                error = await try_once(item, key)
            except PermanentError as refusal:
                await dead_letters.put((item, number, refusal))
                counts["rejected"] += 1
                return
            if error is None:
                counts["consumed"] += 1
                return
            if account * 2 <= budget or number == attempts:
                await dead_letters.put((item, number, error))
                counts["failed"] += 1
                return
            counts["retried"] += 1
            base = delay
            for _ in range(number - 1):
                base = min(base * backoff, max_delay)
            base = min(base, max_delay)
            await asyncio.sleep(max(base * random.uniform(1, 1 + jitter), getattr(error, "retry_after", 0)))

    async def worker():
        while not stop.is_set():
            pair = next(source, None)
            if pair is None:
                return
            unsettled[pair[0]] = pair[1]
            await one(pair[1])
            del unsettled[pair[0]]

    async with asyncio.TaskGroup() as group:
        crew = {group.create_task(worker()) for _ in range(consumers)}
        told = group.create_task(stop.wait())
        working = crew
        while working and not told.done():
            _, working = await asyncio.wait({*working, told}, return_when=asyncio.FIRST_COMPLETED)
            working = working - {told}
        if working:
            await asyncio.wait(working, timeout=grace)
            for task in working:
                task.cancel()
        told.cancel()
    return {**counts, "unfinished": [unsettled[n] for n in sorted(unsettled)]}
