"""Exercise 1 in pytest: in real time with pytest-asyncio, in virtual time with looptime."""

from station import WORK, Station, sizes_are_true


async def test_works_on_every_item_once_and_in_order(run_pipeline):
    station = await Station().run(run_pipeline)
    assert station.begun == list(range(12))


async def test_returns_when_all_is_finished_and_leaves_no_task(run_pipeline):
    station = await Station().run(run_pipeline)
    assert sorted(station.ended) == list(range(12))
    assert station.tasks_left == 0


async def test_bounds_what_waits(run_pipeline):
    for maxsize in (1, 4):
        station = await Station().run(run_pipeline, maxsize=maxsize)
        assert station.most_ahead <= maxsize + 1


async def test_fills_the_queue(run_pipeline):
    for maxsize in (1, 4):
        station = await Station().run(run_pipeline, maxsize=maxsize)
        assert station.most_ahead >= maxsize


async def test_waits_by_awaiting(run_pipeline):
    station = await Station().run(run_pipeline, consumers=1, maxsize=1)  # time.sleep() raises
    assert station.taken == 12


async def test_keeps_consumers_busy(run_pipeline):
    station = await Station().run(run_pipeline, consumers=4)
    assert station.most_at_once == 4
    assert station.seconds < 9 * WORK  # three rounds; one alone takes twelve


async def test_logs_each_put(run_pipeline):
    station = await Station().run(run_pipeline, maxsize=3)
    items, sizes = zip(*station.puts, strict=True)
    assert items == tuple(map(str, range(12)))
    assert sizes_are_true(sizes, maxsize=3)


async def test_takes_any_items(run_pipeline):
    for items in ([], [0, "", 0, -1]):
        station = await Station(items).run(run_pipeline)
        assert station.begun == items
