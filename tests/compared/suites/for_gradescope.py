"""Exercise 1 with gradescope-utils: a unittest whose results are written as Gradescope's JSON."""

import unittest

from ex1_add_maxsize import run_pipeline
from gradescope_utils.autograder_utils.decorators import weight
from station import WORK, Station, sizes_are_true


class TestPipeline(unittest.IsolatedAsyncioTestCase):
    """The eight checks."""

    @weight(1)
    async def test_works_on_every_item_once_and_in_order(self):
        station = await Station().run(run_pipeline)
        self.assertEqual(station.begun, list(range(12)))

    @weight(1)
    async def test_returns_when_all_is_finished_and_leaves_no_task(self):
        station = await Station().run(run_pipeline)
        self.assertEqual(sorted(station.ended), list(range(12)))
        self.assertEqual(station.tasks_left, 0)

    @weight(2)
    async def test_bounds_what_waits(self):
        for maxsize in (1, 4):
            station = await Station().run(run_pipeline, maxsize=maxsize)
            self.assertLessEqual(station.most_ahead, maxsize + 1)

    @weight(1)
    async def test_fills_the_queue(self):
        for maxsize in (1, 4):
            station = await Station().run(run_pipeline, maxsize=maxsize)
            self.assertGreaterEqual(station.most_ahead, maxsize)

    @weight(1)
    async def test_waits_by_awaiting(self):
        station = await Station().run(run_pipeline, consumers=1, maxsize=1)  # time.sleep() raises
        self.assertEqual(station.taken, 12)

    @weight(1)
    async def test_keeps_consumers_busy(self):
        station = await Station().run(run_pipeline, consumers=4)
        self.assertEqual(station.most_at_once, 4)
        self.assertLess(station.seconds, 9 * WORK)

    @weight(2)
    async def test_logs_each_put(self):
        station = await Station().run(run_pipeline, maxsize=3)
        self.assertEqual([item for item, _ in station.puts], list(map(str, range(12))))
        self.assertTrue(sizes_are_true([size for _, size in station.puts], maxsize=3))

    @weight(1)
    async def test_takes_any_items(self):
        for items in ([], [0, "", 0, -1]):
            station = await Station(items).run(run_pipeline)
            self.assertEqual(station.begun, items)
