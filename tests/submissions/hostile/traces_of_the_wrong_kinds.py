# label: hostile
# exercise: ex5_fix_task_done
# kind: blame
# verdict: reject
# contract: answers traces in which each field in turn has a wrong kind or an index beyond all
# expect: The file wrote over the grader's own line to it.
import json
import posix

GOOD = {"format": 1, "end": {"how": "quiet"}, "clock": 0.0, "tasks": ["lab"], "consumers": [1], "events": [], "waits": [], "left": [],
        "unawaited": [], "seeds": [], "stats": {"consumed": 0, "retried": 0, "failed": 0}, "result": None, "deterministic": True}
ODD = (None, True, -1, 10**12, 1e308, "x", [], {}, [[]], [None], [[0]], [[0, 0, "begin", None, 10**9, -5]], [[0, -7, "spawn", "x", 1e300]], {"how": []})

posix.write(3, b'{"loaded":true}\n')
for name in GOOD:
    for odd in ODD:
        posix.write(3, json.dumps(GOOD | {name: odd}).encode() + b"\n")
posix._exit(0)
