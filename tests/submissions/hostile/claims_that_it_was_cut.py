# label: hostile
# exercise: ex2_build_retry_loop
# kind: blame
# verdict: reject
# contract: answers in the lab's place that it was cut, for reasons of the wrong kinds
# expect: The file wrote over the grader's own line to it.
import posix

for end in (b"5", b"null", b"[]", b'{"how":"walls"}', b'{"how":{"a":[]},"detail":9,"line":"x"}', b'{"how":"exit","line":1e99}'):
    posix.write(3, b'{"cut":true,"end":' + end + b"}\n")
posix._exit(0)
