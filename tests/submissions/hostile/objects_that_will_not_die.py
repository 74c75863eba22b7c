# label: hostile
# exercise: ex4_add_jitter
# kind: tampering
# verdict: reject
# contract: leaves objects that come back, print and raise whenever they are deleted
# expect: Failed: your consumer does nothing with its items.
class Undead:
    def __del__(self):
        kept.append(Undead())
        print("back")
        raise SystemExit(0)


kept = [Undead() for _ in range(1_000)]


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        kept.pop()
        q.task_done()
