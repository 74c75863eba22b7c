# label: hostile
# exercise: ex2_build_retry_loop
# kind: evidence
# verdict: reject
# contract: writes made-up result lines to every open descriptor and exits with 0
# expect: Your file ended the process; its own output is no verdict.
import json
import os

LINE = (json.dumps({"status": "pass", "passed": True, "ok": True, "tests": [], "score": 1.0}) + "\n").encode()

for fd in range(1, 32):
    try:
        os.write(fd, LINE * 3)
    except OSError:
        pass
os._exit(0)
