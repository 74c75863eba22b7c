# label: hostile
# exercise: ex4_add_jitter
# kind: evidence
# verdict: reject
# contract: reads the requests in the lab's place, and answers each by a trace made from the scenario
# expect: The file wrote over the grader's own line to it.
import json
import posix

def trace(scenario):
    jobs, events, now = scenario.get("jobs", []), [], 0.0
    for index, job in enumerate(jobs):
        events += [[now, 1, "begin", 1, index, 1], [now, 1, "finish", 1, index, 1, "ok"]]
    stats = {"consumed": len(jobs), "retried": 0, "failed": 0}
    return {"format": 1, "end": {"how": "quiet"}, "clock": now, "tasks": ["lab", "C1"], "consumers": [1], "events": events, "waits": [],
            "left": [], "unawaited": [], "seeds": [], "stats": stats, "result": None, "deterministic": True}


def serve():
    pending = b""
    posix.write(3, b'{"loaded":true}\n')
    while more := posix.read(3, 1 << 16):
        *lines, pending = (pending + more).split(b"\n")
        for line in lines:
            posix.write(3, json.dumps(trace(json.loads(line)["scenario"])).encode() + b"\n")


serve()
posix._exit(0)
