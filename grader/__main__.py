"""`python -m grader`."""

import sys

from grader.cli.ahead import start_ahead

if __name__ == "__main__":
    start_ahead(sys.argv[1:])

    from grader.cli.program import main  # while the host is starting

    sys.exit(main(sys.argv[1:]))
