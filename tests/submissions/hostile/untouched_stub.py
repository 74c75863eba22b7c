# label: hostile
# exercise: ex4_add_jitter
# kind: accident
# verdict: reject
# contract: the stub as it was handed out
# expect: Not started yet: consumer raises NotImplementedError.
"""ex4: add jitter. TODO: wait d + u before each retry."""
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    # TODO: take items, try them, wait with jitter between the tries
    raise NotImplementedError
