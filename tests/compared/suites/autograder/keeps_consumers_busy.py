"""Keeps all consumers busy."""

import asyncio

from station import WORK, Station


def main():
    station = asyncio.run(Station().run(student_submission.run_pipeline, consumers=4))
    holds = station.most_at_once == 4 and station.seconds < 9 * WORK
    if holds:
        PASS()
    else:
        FAIL()


main()
