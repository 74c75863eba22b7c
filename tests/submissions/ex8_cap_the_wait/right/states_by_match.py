# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; a small machine of states, one match statement
# expect: Passed: each state leads to the next, and the deadline is asked in one of them.
import asyncio
import random
from enum import Enum, auto


class TransientError(Exception):
    pass


class State(Enum):
    FETCH = auto()
    TRY = auto()
    DECIDE = auto()
    PAUSE = auto()
    SETTLE = auto()


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    clock = asyncio.get_running_loop().time
    state, item, tried, d, wait, latest, key = State.FETCH, None, 0, delay, 0.0, None, ""
    while True:
        match state:
            case State.FETCH:
                item = await q.get()
                tried, d = 0, min(delay, max_delay)
                latest = clock() + deadline if deadline is not None else None
                state = State.TRY
            case State.TRY:
                tried += 1
                try:
                    await process_item(item)
                    state, key = State.SETTLE, "consumed"
                except TransientError:
                    state = State.DECIDE
            case State.DECIDE:
                wait, d = d + random.uniform(0, d * jitter), min(d * backoff, max_delay)
                in_time = latest is None or clock() + wait <= latest
                state, key = (State.PAUSE, key) if tried < attempts and in_time else (State.SETTLE, "failed")
            case State.PAUSE:
                stats["retried"] += 1
                await asyncio.sleep(wait)
                state = State.TRY
            case State.SETTLE:
                stats[key] += 1
                q.task_done()
                state = State.FETCH
