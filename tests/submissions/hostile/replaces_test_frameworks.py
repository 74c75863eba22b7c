# label: hostile
# exercise: ex4_add_jitter
# kind: tampering
# verdict: reject
# contract: replaces the entry points of pytest and unittest
# expect: Failed: your consumer does nothing with its items.
import sys

try:
    import unittest
    unittest.TestCase.run = lambda self, result=None: result
    unittest.main = lambda *a, **k: None
except ImportError:
    pass
for name, module in list(sys.modules.items()):
    if name.startswith(("_pytest", "pytest")):
        for attr in ("runtest", "pytest_runtest_call", "runtestprotocol"):
            if hasattr(module, attr):
                setattr(module, attr, lambda *a, **k: True)
try:
    import _pytest.python
    _pytest.python.Function.runtest = lambda self: None
except ImportError:
    pass

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        q.task_done()
