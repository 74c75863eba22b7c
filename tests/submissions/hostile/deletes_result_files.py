# label: hostile
# exercise: ex4_add_jitter
# kind: escape
# verdict: reject
# contract: tries to delete result files beside itself and in the working directory
# expect: Failed: your consumer does nothing with its items.
import pathlib

NAMES = ("result.json", "results.json", "report.json", "verdict.json", "grade.json", "junit.xml", ".coverage")

for folder in (pathlib.Path.cwd(), pathlib.Path(__file__).resolve().parent):
    for name in NAMES:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError:
            pass
for path in (pathlib.Path(__file__).resolve().parent.parent / "solutions" / "ex4_add_jitter.py",):
    try:
        path.open("r+").close()          # could it be changed? nothing is written
        print("the solution could be changed")
    except OSError:
        pass

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        q.task_done()
