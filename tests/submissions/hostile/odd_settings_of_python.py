# label: hostile
# exercise: ex3_add_backoff
# kind: tampering
# verdict: accept
# contract: right, with odd settings: of decimals, threads, the collector, warnings, digits, locale and the switch of threads
# expect: Passed.
import asyncio
import decimal
import gc
import sys
import threading
import warnings

decimal.getcontext().prec = 1
decimal.getcontext().traps[decimal.Inexact] = True
threading.stack_size(65_536)
gc.disable()
gc.collect()
gc.freeze()
warnings.simplefilter("error")
sys.set_int_max_str_digits(0)
sys.setswitchinterval(1e-6)
sys.dont_write_bytecode = False
sys.tracebacklimit = 0


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
