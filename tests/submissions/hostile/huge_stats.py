# label: hostile
# exercise: ex2_build_retry_loop
# kind: message
# verdict: reject
# contract: counts in numbers of a million bits, under names of a megabyte
# expect: The counts are not what happened.
class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        stats["x" * 1_000_000] = [[["y" * 1_000_000] * 1_000] * 1_000] * 1_000
        stats["consumed"] = 1 << 1_000_000
        q.task_done()
