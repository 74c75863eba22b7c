"""`datetime` in virtual time."""

from __future__ import annotations

from tests.lab.support import body, pipeline, run


def test_datetime_shows_the_virtual_time() -> None:
    """All of its clocks agree with `time`, and its classes are what they were."""
    code = "import time\nfrom datetime import UTC, date, datetime, timedelta\n" + body(
        """
        before = datetime.now()
        await asyncio.sleep(7_200.5)
        after = datetime.now(UTC)
        return [
            str(datetime.now() - before),
            abs(after.timestamp() - time.time()) < 2e-6,
            date.today() == datetime.today().date(),
            isinstance(after, date) and isinstance(datetime(2020, 1, 1), datetime),
            issubclass(datetime, date),
            type(after + timedelta(1)).__name__,
            datetime.fromisoformat("2020-01-01").year,
        ]
        """
    )
    result = run(code, pipeline([])).result
    assert result == ["2:00:00.500000", True, True, True, True, "datetime", 2020]
