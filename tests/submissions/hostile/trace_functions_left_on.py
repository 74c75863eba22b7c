# label: hostile
# exercise: ex3_add_backoff
# kind: tampering
# verdict: reject
# contract: leaves functions that trace, profile and monitor every line, and raise
# expect: The file replaces parts of Python that its own code needs.
import sys
import threading

def watch(frame, event, arg):
    if "consumer" not in frame.f_code.co_name and frame.f_code.co_filename != __file__:
        raise ValueError("watched")
    return watch


if hasattr(sys, "monitoring"):
    sys.monitoring.use_tool_id(3, "grader-hostile")
    sys.monitoring.register_callback(3, sys.monitoring.events.LINE, lambda code, line: 1 / (code.co_filename == __file__))
    sys.monitoring.set_events(3, sys.monitoring.events.LINE)
threading.settrace(watch)
sys.setprofile(watch)
sys.settrace(watch)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        q.task_done()
