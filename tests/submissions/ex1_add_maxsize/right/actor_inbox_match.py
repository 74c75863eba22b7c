# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; an actor: workers post messages to one inbox, the boss matches them, hands out items by future and tops up its bounded line
# expect: Passed.
import asyncio
import time
from collections import deque

_GO_HOME = object()


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    loop = asyncio.get_running_loop()
    inbox = asyncio.Queue()

    def say(*fields):
        print(*fields, f"{time.perf_counter() - start:.3f}")

    async def worker(name):
        while True:
            order = loop.create_future()
            inbox.put_nowait(("idle", order))
            item = await order
            if item is _GO_HOME:
                inbox.put_nowait(("gone", name))
                return
            await work(item)
            inbox.put_nowait(("done", name, item))

    async def boss():
        source, dry = iter(items), False
        line, idle, present = deque(), deque(), consumers

        def top_up():
            nonlocal dry
            while not dry and len(line) < maxsize:
                for item in source:
                    line.append(item)
                    say("PROD", item, "SZ", len(line))
                    break
                else:
                    dry = True

        top_up()
        while present:
            match await inbox.get():
                case ("idle", order):
                    idle.append(order)
                case ("done", name, item):
                    say(name, "OK", item)
                case ("gone", _):
                    present -= 1
            while idle and line:
                idle.popleft().set_result(line.popleft())
                top_up()
            if dry and not line:
                while idle:
                    idle.popleft().set_result(_GO_HOME)

    async with asyncio.TaskGroup() as tg:
        for n in range(1, consumers + 1):
            tg.create_task(worker(f"C{n}"))
        tg.create_task(boss())


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
