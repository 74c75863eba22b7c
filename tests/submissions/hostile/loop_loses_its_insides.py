# label: hostile
# exercise: ex4_add_jitter
# kind: tampering
# verdict: reject
# contract: takes timers, callbacks and selector from its event loop
# expect: Failed: your consumer does nothing with its items.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        loop = asyncio.get_running_loop()
        for name in ("_scheduled", "_ready", "_selector", "_clock_resolution"):
            try:
                setattr(loop, name, None)
            except Exception:
                pass
        q.task_done()
