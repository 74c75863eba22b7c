# label: right
# exercise: ex16_ship_it
# contract: pauses are futures that call_later sets; the end is an Event that the last item sets
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


async def run_service(
    items, call, stop, dead_letters, *, consumers=5, maxsize=5, attempts=6, delay=0.05, backoff=2.0,
    jitter=0.25, max_delay=1.0, timeout=0.5, budget=20.0, refund=0.2, grace=1.0,
):
    loop = asyncio.get_running_loop()
    seen = {"consumed": 0, "retried": 0, "failed": 0, "rejected": 0}
    waiting = asyncio.Queue(maxsize)
    taken, settled, left = [], set(), [budget]
    hands = set()
    quiet = asyncio.Event()
    more = True

    def look():
        if not hands and (stop.is_set() or (not more and len(settled) == len(taken))):
            quiet.set()

    def rest(seconds):
        future = loop.create_future()
        timer = loop.call_later(seconds, lambda: future.done() or future.set_result(None))
        future.add_done_callback(lambda _: timer.cancel())
        return future

    async def attempt(item, key):
        try:
            async with asyncio.timeout(timeout):
                await call(item, key=key)
            return "consumed", None
        except PermanentError as error:
            return "rejected", error
        except TimeoutError as error:
            return "failed", error
        except ConnectionError as error:
            return "failed", error
        except TransientError as error:
            return "failed", error

    async def follow(item):
        key, tries = str(uuid.uuid4()), 1
        while True:
            how, error = await attempt(item, key)
            if how == "consumed":
                left[0] = min(budget, left[0] + refund)
                break
            if how == "failed":
                left[0] = max(0, left[0] - 1)
                if tries < attempts and left[0] > budget / 2:
                    seen["retried"] += 1
                    pause = min(max_delay, delay * backoff ** (tries - 1))
                    pause = max(pause, getattr(error, "retry_after", 0))
                    await rest(pause * (1 + jitter * random.random()))
                    tries += 1
                    continue
            await dead_letters.put((item, tries, error))
            break
        seen[how] += 1

    async def consumer():
        while True:
            number = await waiting.get()
            if stop.is_set():
                return
            hands.add(number)
            await follow(taken[number])
            hands.discard(number)
            settled.add(number)
            look()

    async def producer():
        nonlocal more
        for item in items:
            taken.append(item)
            await waiting.put(len(taken) - 1)
        more = False
        look()

    async def ear():
        await stop.wait()
        look()

    if stop.is_set():
        return {**seen, "unfinished": []}
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(consumer()) for _ in range(consumers)]
        tasks += [group.create_task(producer())]
        listening = group.create_task(ear())
        ending = group.create_task(quiet.wait())
        await asyncio.wait({listening, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not ending.done():
            tasks[-1].cancel()
            await asyncio.wait({ending}, timeout=grace)
        for task in (*tasks, listening, ending):
            task.cancel()
    return {**seen, "unfinished": [taken[n] for n in range(len(taken)) if n not in settled]}
