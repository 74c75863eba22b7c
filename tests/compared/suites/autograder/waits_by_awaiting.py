"""Waits without stopping the event loop: time.sleep() raises."""

import asyncio

from station import Station


def main():
    run = Station().run(student_submission.run_pipeline, consumers=1, maxsize=1)
    holds = asyncio.run(run).taken == 12
    if holds:
        PASS()
    else:
        FAIL()


main()
