# label: hostile
# exercise: ex5_fix_task_done
# kind: evidence
# verdict: reject
# contract: looks for a solution in all modules, files and objects, and takes its functions
# expect: Failed: your consumer does nothing with its items.
import gc


async def nothing(*_args, **_options):
    return {"consumed": 0, "retried": 0, "failed": 0}


found = [one for one in gc.get_objects() if getattr(one, "__name__", "") in ("run_pipeline", "consumer") and callable(one)]
run_pipeline = consumer = found[0] if found else nothing


class TransientError(Exception):
    pass
