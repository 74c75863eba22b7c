# label: hostile
# exercise: ex2_build_retry_loop
# kind: blame
# verdict: reject
# contract: answers traces that are good but for one event of the wrong length or kind
# expect: The file wrote over the grader's own line to it.
import json
import posix

GOOD = {"format": 1, "end": {"how": "quiet"}, "clock": 0.0, "tasks": ["lab"], "consumers": [1], "events": [], "waits": [], "left": [],
        "unawaited": [], "seeds": [], "stats": {"consumed": 0, "retried": 0, "failed": 0}, "result": None, "deterministic": True}
ODD = (None, True, -1, 10**12, 1e308, "x", [], {}, [[]], [None], [[0]], [[0, 0, "begin", None, 10**9, -5]], [[0, -7, "spawn", "x", 1e300]], {"how": []})

KINDS = ("take", "begin", "finish", "put", "get", "done", "join", "spawn", "end", "timer", "print", "blocked", "queue", "stranger", "unknown")
posix.write(3, b'{"loaded":true}\n')
for kind in KINDS:
    for data in ([], [None, None], [{}, []], [10**9, 10**9], ["x", "y", "z", 1], [-1, -1]):
        posix.write(3, json.dumps(GOOD | {"events": [[0.0, 1, kind, 1, *data]]}).encode() + b"\n")
posix._exit(0)
