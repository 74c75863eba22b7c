# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
import asyncio
import enum
import time


class Signal(enum.Enum):
    STOP = "stop"


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    start = time.perf_counter()
    queue: asyncio.Queue = asyncio.Queue(maxsize)

    async def producer():
        for item in items:
            await queue.put(item)
            print(f"PROD {item} SZ {queue.qsize()} {time.perf_counter() - start:.3f}")
        for _ in range(consumers):
            await queue.put(Signal.STOP)

    async def consumer():
        while (item := await queue.get()) is not Signal.STOP:
            await work(item)

    await asyncio.gather(producer(), *[consumer() for _ in range(consumers)])
