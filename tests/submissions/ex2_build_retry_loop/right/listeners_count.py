# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; the loop only announces what happened; listeners, called on the spot, count and mark the item as done
# expect: Passed.
import asyncio
from collections import defaultdict


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


class Bus:
    def __init__(self):
        self.listeners = defaultdict(list)

    def on(self, event, listener):
        self.listeners[event].append(listener)

    def emit(self, event, item):
        for listener in self.listeners[event]:
            listener(event, item)


async def consumer(name, q, process_item, stats, *, attempts=4):
    def count(event, item):
        stats[event] += 1

    def mark(event, item):
        q.task_done()

    bus = Bus()
    for event in ("consumed", "failed"):
        bus.on(event, count)
        bus.on(event, mark)
    bus.on("retried", count)
    while True:
        item = await q.get()
        for attempt in range(attempts):
            try:
                await process_item(item)
            except TransientError:
                bus.emit("retried" if attempt + 1 < attempts else "failed", item)
            else:
                bus.emit("consumed", item)
                break
