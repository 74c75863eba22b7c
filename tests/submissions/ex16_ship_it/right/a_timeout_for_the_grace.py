# label: right
# exercise: ex16_ship_it
# contract: asyncio.timeout around everything, whose deadline is set when the stop comes
# expect: Passes.
import asyncio
import random
import uuid


class TransientError(Exception):
    def __init__(self, *args, retry_after=0.0):
        super().__init__(*args)
        self.retry_after = retry_after


class PermanentError(Exception):
    pass


def transient(error):
    return isinstance(error, (TransientError, TimeoutError, ConnectionError))


async def run_service(
    items, call, stop, dead_letters, *, consumers=5, maxsize=5, attempts=6, delay=0.05, backoff=2.0,
    jitter=0.25, max_delay=1.0, timeout=0.5, budget=20.0, refund=0.2, grace=1.0,
):
    loop = asyncio.get_running_loop()
    count = {name: 0 for name in ("consumed", "retried", "failed", "rejected")}
    q, open_items, purse = asyncio.Queue(maxsize), {}, {"left": budget}
    in_hand = set()

    async def handle(item):
        key = str(uuid.uuid4())
        for tries in range(1, attempts + 1):
            problem = None
            try:
                async with asyncio.timeout(timeout):
                    await call(item, key=key)
            except Exception as error:
                if not transient(error) and not isinstance(error, PermanentError):
                    raise
                problem = error
            if problem is None:
                purse["left"] = min(budget, purse["left"] + refund)
                count["consumed"] += 1
                return
            if isinstance(problem, PermanentError):
                await dead_letters.put((item, tries, problem))
                count["rejected"] += 1
                return
            purse["left"] = max(0, purse["left"] - 1)
            if tries == attempts or purse["left"] <= budget / 2:
                await dead_letters.put((item, tries, problem))
                count["failed"] += 1
                return
            count["retried"] += 1
            try:
                clean = min(max_delay, delay * backoff ** (tries - 1))
            except OverflowError:
                clean = max_delay
            wish = getattr(problem, "retry_after", 0.0)
            await asyncio.sleep(max(clean, wish) + random.uniform(0, max(clean, wish) * jitter))

    async def consumer():
        while not stop.is_set():
            number, item = await q.get()
            in_hand.add(number)
            await handle(item)
            in_hand.discard(number)
            del open_items[number]
            q.task_done()

    async def listen(limit, crew, work):
        await stop.wait()
        work.cancel()
        limit.reschedule(loop.time() + grace)
        while not q.empty():
            q.get_nowait()
            q.task_done()
        await q.join()
        for task in crew:
            task.cancel()

    async def produce():
        for number, item in enumerate(items):
            open_items[number] = item
            await q.put((number, item))
        await q.join()

    async def everything(limit):
        async with asyncio.TaskGroup() as group:
            crew = [group.create_task(consumer()) for _ in range(consumers)]
            work = group.create_task(produce())
            ear = group.create_task(listen(limit, crew, work))
            await asyncio.wait({work})
            if not work.cancelled():
                for task in (*crew, ear):
                    task.cancel()

    if not stop.is_set():
        limit = asyncio.timeout(None)
        try:
            async with limit:
                await everything(limit)
        except TimeoutError:
            if not limit.expired():
                raise
    return {**count, "unfinished": list(open_items.values())}
