# label: wrong
# exercise: ex7_sort_the_errors
# misconception: refusal-retried
# contract: ex7 point 2: 425 is retried as well
# expect: 425 is none of the six: the item is rejected.
import asyncio
import random
from http import HTTPStatus

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

PASSING = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for number in range(attempts):
            try:
                await process_item(item)
            except (TimeoutError, ConnectionError):
                pass
            except ServiceError as answer:
                if answer.status not in PASSING:
                    stats["rejected"] += 1
                    break
            else:
                stats["consumed"] += 1
                break
            if number < attempts - 1:
                stats["retried"] += 1
                base = delay * backoff**number
                await asyncio.sleep(base + base * random.uniform(0, jitter))
        else:
            stats["failed"] += 1
        q.task_done()
