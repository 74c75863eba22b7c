# label: hostile
# exercise: ex1_add_maxsize
# kind: message
# verdict: reject
# contract: gives each of its tasks a name of a megabyte
# expect: Failed: the items are not worked on.
import asyncio


async def pause():
    await asyncio.sleep(0.001)


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    for item in items:
        asyncio.create_task(pause(), name="T" * 1_000_000)
        await asyncio.sleep(0)
        print("PROD", item, "SZ 0 0.000")
