# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; ServiceError has one property more, and stays what it is
# expect: Passed.
import asyncio
import random


class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(f"{status} {message}".strip())
        self.status = status

    @property
    def final(self) -> bool:
        return self.status not in {408, 429, 500, 502, 503, 504}


class Report:
    """What became of the items, written through to the dict that everybody shares."""

    def __init__(self, stats):
        self.stats, self.refused = stats, []

    def add(self, key, item=None):
        self.stats.update({key: self.stats[key] + 1})
        if key == "rejected":
            self.refused.append(item)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    report = Report(stats)
    while True:
        item = await q.get()
        attempt = 1
        while True:
            try:
                await process_item(item)
            except (ServiceError, TimeoutError, ConnectionError) as error:
                if getattr(error, "final", False):
                    report.add("rejected", item)
                elif attempt >= attempts:
                    report.add("failed", item)
                else:
                    report.add("retried")
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d * random.uniform(1, 1 + jitter))
                    attempt += 1
                    continue
            else:
                report.add("consumed", item)
            q.task_done()
            break
