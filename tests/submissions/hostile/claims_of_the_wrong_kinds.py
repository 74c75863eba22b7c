# label: hostile
# exercise: ex5_fix_task_done
# kind: blame
# verdict: reject
# contract: says that it broke, was not loaded or ended, with fields of the wrong kinds
# expect: The file wrote over the grader's own line to it.
import os
import posix

CLAIMS = (b'{"broke":{"a":[1]},"changed":[1,{}],"spent":{}}', b'{"broke":[],"changed":5}', b'{"loaded":false}', b'{"loaded":[],"how":9}',
          b'{"loaded":false,"how":"import","error":7}', b'{"loaded":false,"how":"exit","error":{"type":[],"text":{},"lines":"x"}}', b"[]", b"null")
posix.write(3, b"\n".join(CLAIMS[os.getpid() % len(CLAIMS) :] + CLAIMS) + b"\n")
posix._exit(0)
