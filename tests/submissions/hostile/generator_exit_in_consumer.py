# label: hostile
# exercise: ex2_build_retry_loop
# kind: accident
# verdict: reject
# contract: GeneratorExit inside the consumer
# expect: Your consumer raises GeneratorExit.
class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    item = await q.get()
    try:
        await process_item(item)
    finally:
        raise GeneratorExit
