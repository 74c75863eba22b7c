"""`python -m grader`, and the commands that the package installs."""

import gc
import sys

from grader.cli.ahead import start_ahead

INTERRUPTED = 128 + 2  # as in `grader.cli.exits`, which may not be imported yet
__all__ = ["start"]


def start() -> int:
    """Run the command that was typed; return the exit code, after which the process ends."""
    try:
        return _started()
    except KeyboardInterrupt:  # before the program is there that says so
        sys.stderr.write("Stopped.\n")
        return INTERRUPTED


def _started() -> int:
    # A run makes many objects and little garbage: collection took a fifth of the time.
    gc.set_threshold(200_000, 20, 20)
    start_ahead(sys.argv[1:])

    from grader.cli.program import main  # noqa: PLC0415 - while the host is starting

    code = main(sys.argv[1:])
    gc.freeze()  # skip the final collection: the process ends here
    return code


if __name__ == "__main__":
    sys.exit(start())
