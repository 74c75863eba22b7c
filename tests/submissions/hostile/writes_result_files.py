# label: hostile
# exercise: ex4_add_jitter
# kind: evidence
# verdict: reject
# contract: writes made-up result files into the working directory
# expect: Some tests failed (files of your own are no verdict).
import json
import pathlib

GOOD = {"version": 3, "status": "pass", "tests": [{"name": "all", "status": "pass"}], "failed": 0}

for name in ("result.json", "results.json", "report.json", "verdict.json", "grade.json", ".report.json"):
    try:
        pathlib.Path(name).write_text(json.dumps(GOOD))
    except OSError:
        pass
try:
    pathlib.Path("junit.xml").write_text('<testsuite tests="9" failures="0" errors="0"/>')
except OSError:
    pass

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        q.task_done()
