# label: right
# exercise: ex12_listen_to_the_service
# contract: closures and nonlocal; the gap is kept from the last beginning
# expect: Passes.
import asyncio
import random


class TransientError(Exception):
    pass


class TooManyRequests(TransientError):
    def __init__(self, retry_after):
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


async def run_pipeline(items, process_item, *, rate=10, consumers=5, maxsize=5,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    q, gate, last = asyncio.Queue(maxsize), asyncio.Lock(), float("-inf")
    consumed = retried = failed = 0
    clock = asyncio.get_running_loop().time

    async def attempt(item):
        nonlocal last
        async with gate:
            if (rest := last + 1 / rate - clock()) > 0:
                await asyncio.sleep(rest)
            last = clock()
        try:
            await process_item(item)
        except TransientError as error:
            return error
        return None

    async def settle(item):
        nonlocal consumed, retried, failed
        for number in range(attempts):
            if number:
                retried += 1
                least = max(delay * backoff ** (number - 1), getattr(error, "retry_after", 0.0))
                await asyncio.sleep(least + random.uniform(0, jitter) * least)
            error = await attempt(item)
            if error is None:
                consumed += 1
                return
        failed += 1

    async def work():
        while True:
            await settle(await q.get())
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(work()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for one in crew:
            one.cancel()
    return {"consumed": consumed, "retried": retried, "failed": failed}
