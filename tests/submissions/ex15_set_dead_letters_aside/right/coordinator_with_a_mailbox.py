# label: right
# exercise: ex15_set_dead_letters_aside
# contract: ex15 3, 4, 9: one coordinator decides, workers send it messages and have a box each
# expect: Right: nothing is shared; the coordinator alone knows what waits and which keys are busy.
import asyncio
import random

STOP = object()


class TransientError(Exception):
    """may succeed the next time"""


async def worker(number, box, mailbox, process_item, dead_letters, stats, retry):
    attempts, delay, backoff, jitter = retry
    while (item := await box.get()) is not STOP:
        [item] = item
        tries, error = 0, None
        while tries < attempts:
            tries += 1
            try:
                await process_item(item)
            except TransientError as failure:
                error = failure
            else:
                error = None
                break
            if tries < attempts:
                stats["retried"] += 1
                d = delay * backoff ** (tries - 1)
                await asyncio.sleep(d + random.random() * d * jitter)
        if error is None:
            stats["consumed"] += 1
        else:
            stats["failed"] += 1
            await dead_letters.put((item, tries, error))
        mailbox.put_nowait(("free", number))


async def coordinator(boxes, mailbox, room, key_of):
    waiting, idle, working, ended = [], list(range(len(boxes))), {}, False
    while not (ended and not waiting and not working):
        what, value = await mailbox.get()
        if what == "item":
            waiting.append(value)
        elif what == "free":
            idle.append(value)
            del working[value]
        else:
            ended = True
        for place, (key, item) in enumerate(list(waiting)):
            if not idle:
                break
            if key in working.values():
                continue
            number = idle.pop()
            working[number] = key
            waiting = [pair for pair in waiting if pair[1] is not item or pair[0] != key]
            room.release()
            boxes[number].put_nowait([item])
    for box in boxes:
        box.put_nowait(STOP)


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    mailbox, room = asyncio.Queue(), asyncio.Semaphore(maxsize)
    boxes = [asyncio.Queue() for _ in range(consumers)]
    retry = attempts, delay, backoff, jitter
    async with asyncio.TaskGroup() as group:
        for number, box in enumerate(boxes):
            group.create_task(worker(number, box, mailbox, process_item, dead_letters, stats, retry))
        group.create_task(coordinator(boxes, mailbox, room, key_of))
        for item in items:
            await room.acquire()
            mailbox.put_nowait(("item", (key_of(item), item)))
        mailbox.put_nowait(("end", None))
    return stats
