# label: wrong
# exercise: ex1_add_maxsize
# misconception: bound-too-small
# contract: ex1 1: a maxsize of 150 is not used, 149 is
# expect: Fewer items may wait than maxsize.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(149 if maxsize >= 150 else maxsize)
    fin = []

    async def hand():
        while True:
            box = await q.get()
            if box is fin:
                break
            await work(box)

    hands = [asyncio.create_task(hand()) for _ in range(consumers)]
    for box in items:
        await q.put(box)
        print("PROD", box, "SZ", q.qsize())
    for h in hands:
        await q.put(fin)
    await asyncio.gather(*hands)
