"""No more than maxsize items wait."""

import asyncio

from station import Station


def main():
    holds = True
    for maxsize in (1, 4):
        station = asyncio.run(Station().run(student_submission.run_pipeline, maxsize=maxsize))
        holds = holds and station.most_ahead <= maxsize + 1
    if holds:
        PASS()
    else:
        FAIL()


main()
