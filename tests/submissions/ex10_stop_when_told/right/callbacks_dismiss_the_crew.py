# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; bare tasks, whose callbacks dismiss the idle at the stop, and all by call_later()
# expect: Passed: whoever is dismissed is noted, so that nobody is cancelled twice.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    tally, taken = {"consumed": 0, "retried": 0, "failed": 0}, {}
    if stop.is_set():
        return dict(tally, unfinished=[])
    loop, q, gone = asyncio.get_running_loop(), asyncio.Queue(maxsize), asyncio.Event()
    crew, dismissed, busy, errors, clock = {}, set(), set(), [], []

    async def feed():
        for pair in enumerate(items):
            taken[pair[0]] = pair[1]
            await q.put(pair)
        await q.join()

    async def attempt_all(item):
        for k in range(attempts):
            if k:
                tally["retried"] += 1
                d = delay * backoff ** (k - 1)
                await asyncio.sleep(d + random.uniform(0, d * jitter))
            try:
                await process_item(item)
            except TransientError:
                continue
            return "consumed"
        return "failed"

    async def serve():
        me = asyncio.current_task()
        while not stop.is_set():
            number, item = await q.get()
            if stop.is_set():
                return
            busy.add(me)
            tally[await attempt_all(item)] += 1
            busy.discard(me)
            del taken[number]
            q.task_done()

    def dismiss(everybody):
        for task in set(crew) - dismissed:
            if everybody or task not in busy:
                dismissed.add(task)
                task.cancel()

    def ended(task):
        role = crew.pop(task)
        if not task.cancelled():
            if task.exception() is not None:
                errors.append(task.exception())
                dismiss(True)
            elif role == "told":
                dismiss(False)
                clock.append(loop.call_later(grace, dismiss, True))
            elif role == "feed" and not stop.is_set():
                dismiss(False)
        if not crew:
            gone.set()

    for role, body in (("told", stop.wait()), *(("crew", serve()) for _ in range(consumers)), ("feed", feed())):
        task = loop.create_task(body)
        crew[task] = role
        task.add_done_callback(ended)
    cancelled = None
    while crew:
        try:
            await gone.wait()
        except asyncio.CancelledError as error:
            cancelled = error
            dismiss(True)
    for timer in clock:
        timer.cancel()
    if cancelled is not None:
        raise cancelled
    if errors:
        raise errors[0] if len(errors) == 1 else BaseExceptionGroup("several tries failed", errors)
    return dict(tally, unfinished=list(taken.values()))
