# label: hostile
# exercise: ex4_add_jitter
# kind: evidence
# verdict: reject
# contract: replaces itself in sys.modules by an object that agrees with everything
# expect: Failed: your file has no consumer that could be called.
import sys


class Yes:
    def __getattr__(self, name):
        return Yes()

    def __call__(self, *a, **k):
        return Yes()

    def __await__(self):
        return iter(())

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __bool__(self):
        return True

    def __len__(self):
        return 0

    def __iter__(self):
        return iter(())


sys.modules[__name__] = Yes()
