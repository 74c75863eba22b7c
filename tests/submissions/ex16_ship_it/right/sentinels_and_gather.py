# label: right
# exercise: ex16_ship_it
# contract: a sentinel for each consumer, no join() and no TaskGroup; calls are tasks, awaited by asyncio.wait
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


END = object()


class Service:
    def __init__(self, call, dead_letters, stop, **settings):
        self.call, self.dead_letters, self.stop = call, dead_letters, stop
        self.s = settings
        self.left = settings["budget"]
        self.result = {"consumed": 0, "retried": 0, "failed": 0, "rejected": 0}
        self.order = []
        self.done = set()
        self.q = asyncio.Queue(settings["maxsize"])

    async def limited(self, item, key):
        task = asyncio.ensure_future(self.call(item, key=key))
        try:
            await asyncio.wait({task}, timeout=self.s["timeout"])
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task})
            raise
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.wait({task})
        raise TimeoutError("too slow")

    async def aside(self, name, item, tries, error):
        await self.dead_letters.put((item, tries, error))
        self.result[name] += 1

    async def settle(self, item):
        s, key = self.s, "label-" + str(uuid.uuid4())
        for tries in range(1, s["attempts"] + 1):
            try:
                await self.limited(item, key)
            except PermanentError as error:
                return await self.aside("rejected", item, tries, error)
            except (TransientError, ConnectionError, TimeoutError) as error:
                self.left -= min(1, self.left)
                if tries == s["attempts"] or not self.left > s["budget"] / 2:
                    return await self.aside("failed", item, tries, error)
                pause = min(s["delay"] * s["backoff"] ** (tries - 1), s["max_delay"])
                pause += random.random() * pause * s["jitter"]
                wish = getattr(error, "retry_after", 0)
                if wish > pause:
                    pause = wish
            else:
                self.left = min(s["budget"], self.left + s["refund"])
                self.result["consumed"] += 1
                return None
            self.result["retried"] += 1
            await asyncio.sleep(pause)

    async def consume(self):
        while (got := await self.q.get()) is not END:
            if self.stop.is_set():
                return
            await self.settle(got[1])
            self.done.add(got[0])

    async def produce(self, items):
        for number, item in enumerate(items):
            self.order.append(item)
            await self.q.put((number, item))
        for _ in range(self.s["consumers"]):
            await self.q.put(END)

    def told(self):
        rest = [item for n, item in enumerate(self.order) if n not in self.done]
        return {**self.result, "unfinished": rest}


async def run_service(
    items, call, stop, dead_letters, *, consumers=5, maxsize=5, attempts=6, delay=0.05, backoff=2.0,
    jitter=0.25, max_delay=1.0, timeout=0.5, budget=20.0, refund=0.2, grace=1.0,
):
    settings = {k: v for k, v in locals().items() if k not in ("items", "call", "stop", "dead_letters")}
    service = Service(call, dead_letters, stop, **settings)
    if stop.is_set():
        return service.told()
    producer = asyncio.create_task(service.produce(items))
    crew = [asyncio.create_task(service.consume()) for _ in range(consumers)]
    told = asyncio.create_task(stop.wait())
    ending = asyncio.gather(producer, *crew)
    try:
        await asyncio.wait({ending, told}, return_when=asyncio.FIRST_COMPLETED)
        if told.done() and not ending.done():
            producer.cancel()
            while not service.q.empty():
                service.q.get_nowait()
            for _ in range(consumers):
                if not service.q.full():
                    service.q.put_nowait(END)
            hands = asyncio.ensure_future(drained(service, crew))
            await asyncio.wait({hands}, timeout=grace)
            hands.cancel()
        else:
            await ending
    finally:
        told.cancel()
        for task in (producer, *crew):
            task.cancel()
        ended = await asyncio.gather(producer, *crew, return_exceptions=True)
    for error in ended:
        if isinstance(error, BaseException) and not isinstance(error, asyncio.CancelledError):
            raise error
    return service.told()


async def drained(service, crew):
    live = set(crew)
    while live:
        done, live = await asyncio.wait(live, return_when=asyncio.FIRST_COMPLETED)
        if any(task.exception() for task in done):
            return
        while live and service.q.empty():
            service.q.put_nowait(END)
