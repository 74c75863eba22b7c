# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; the consumers live in an async context manager
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
import asyncio
import contextlib
import sys
import time

_start = time.perf_counter()


@contextlib.asynccontextmanager
async def crew(size, job):
    members = [asyncio.create_task(job()) for _ in range(size)]
    try:
        yield members
    finally:
        for member in members:
            member.cancel()
        for member in members:
            with contextlib.suppress(asyncio.CancelledError):
                await member


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize)

    async def job():
        while True:
            item = await q.get()
            with contextlib.ExitStack() as stack:
                stack.callback(q.task_done)
                await work(item)

    async with crew(consumers, job):
        for item in items:
            await q.put(item)
            line = f"PROD {item} SZ {q.qsize()} {time.perf_counter() - _start:.3f}"
            sys.stdout.write(line + "\n")
        await q.join()
