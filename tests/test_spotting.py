"""Where in the source a mistake is: the guilty line, or none."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.catalog import resolve
from grader.course.mistakes import catalogue
from grader.course.where import MOST_NODES, rule
from grader.course.where import spot as spot_place
from grader.render.words import short
from grader.source import LARGEST
from tests.corpus import load
from tests.grading import grade_sources

RULES = {code: one.place for code, one in catalogue().items() if one.place}


def spot(code: str, source: str, exercise: str = "") -> int | None:
    """The line of a mistake, by its code; exercise: whose signatures are fixed, if it matters."""
    contract = resolve(exercise).contract if exercise else None
    return spot_place(RULES.get(code, ""), source, contract)


# Submission, the code that its trace shows, and how the guilty line begins.
GUILTY = (
    (
        "ex1/default_bound_of_a_hundred",
        "default-changed",
        "async def run_pipeline(items, work, *, consumers=3, maxsize=100) -> None:",
    ),
    (
        "ex4/default_window_too_small",
        "default-changed",
        "async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03,",
    ),
    (
        "ex1/batches_of_consumers",
        "batches-with-a-barrier",
        "await asyncio.gather(*(work(item) for item in batch))",
    ),
    ("ex1/drop_when_full", "drops-items", "except asyncio.QueueFull:"),
    ("ex1/equal_items_skipped", "equal-items-merged", "if item not in seen:"),
    ("ex1/falsy_item_stops_consumer", "falsy-item-taken-for-end", "if not item:"),
    ("ex1/fill_then_join", "batches-with-a-barrier", "await q.join()"),
    ("ex1/first_item_lost", "drops-items", "if next(iter(items), None) is None:"),
    ("ex1/lifo_queue", "items-out-of-order", "q = asyncio.LifoQueue(maxsize=maxsize)"),
    ("ex1/log_in_words", "log-format", 'print(f"[{time.perf_counter() - T0:.3f}] PROD'),
    ("ex1/log_on_change_only", "log-lines-missing", "if q.qsize() != shown:"),
    ("ex1/maxsize_always_three", "ignores-maxsize", "q = asyncio.Queue(maxsize=3)"),
    ("ex1/one_consumer_only", "ignores-consumers", "worker = asyncio.create_task(consumer())"),
    (
        "ex1/producer_stops_at_falsy_item",
        "falsy-item-taken-for-end",
        "while item := next(source, None):",
    ),
    (
        "ex1/put_gives_up_after_a_while",
        "drops-items",
        "await asyncio.wait_for(q.put(item), timeout=0.05)",
    ),
    ("ex1/queue_of_one", "ignores-maxsize", "q = asyncio.Queue(1)"),
    ("ex1/still_unbounded", "unbounded-queue", "q = asyncio.Queue()"),
    ("ex1/string_as_sentinel", "sentinel-can-be-an-item", 'if item == "STOP":'),
    (
        "ex1/work_in_tasks_nobody_awaits",
        "work-runs-beside-the-consumer",
        "jobs.append(asyncio.create_task(work(item)))",
    ),
    (
        "ex2/all_tries_at_once",
        "tried-after-success",
        "results = await asyncio.gather(*[process_item(item) for",
    ),
    ("ex2/always_four_tries", "ignores-attempts", "for attempt in range(1, MAX_ATTEMPTS + 1):"),
    (
        "ex2/cancel_breaks_the_loop_while_idle",
        "swallows-cancellation",
        "except asyncio.CancelledError:",
    ),
    ("ex2/cancel_counts_as_failure", "swallows-cancellation", "except asyncio.CancelledError:"),
    ("ex2/cancelled_item_is_counted", "counts-unsettled-item", "stats[outcome] += 1"),
    ("ex2/consumed_counts_what_was_taken", "consumed-counts-failures", 'stats["consumed"] += 1'),
    ("ex2/consumed_in_the_finally", "consumed-counts-failures", 'stats["consumed"] += 1'),
    (
        "ex2/counts_into_a_copy",
        "stats-copied",
        'stats = {"consumed": 0, "retried": 0, "failed": 0} |',
    ),
    ("ex2/ends_when_queue_is_empty", "consumer-ends-on-empty-queue", "while not q.empty():"),
    ("ex2/failed_counts_every_failure", "failed-counts-tries", 'stats["failed"] += 1'),
    ("ex2/falsy_item_ends_consumer", "falsy-item-taken-for-end", "while item := await q.get():"),
    ("ex2/logs_fatal_and_goes_on", "swallows-other-errors", "except Exception:"),
    (
        "ex2/other_errors_are_given_up_at_once",
        "swallows-other-errors",
        "except Exception as error:",
    ),
    ("ex2/own_counts_overwrite_the_stats", "stats-overwritten", "stats.update(mine)"),
    ("ex2/retried_counts_every_failure", "retried-off-by-one", 'stats["retried"] += 1'),
    ("ex2/retried_counts_items", "retried-counts-items", 'stats["retried"] += 1'),
    (
        "ex2/retried_counts_only_rescued_items",
        "retried-counts-items",
        'stats["retried"] += retries',
    ),
    ("ex2/retried_counts_tries", "retried-off-by-one", 'stats["retried"] += 1'),
    ("ex2/returns_after_a_success", "consumer-ends-on-empty-queue", "return"),
    ("ex2/returns_quietly_on_cancel", "swallows-cancellation", "except asyncio.CancelledError:"),
    ("ex2/sleeps_between_tries", "sleeps-in-ex2", "await asyncio.sleep(0.03)"),
    ("ex2/swallows_value_error", "swallows-other-errors", "except ValueError:"),
    (
        "ex2/task_done_missing_when_given_up",
        "task-done-missing-when-given-up",
        'stats["failed"] += 1',
    ),
    (
        "ex3/exponent_from_stats",
        "exponent-from-totals",
        'await asyncio.sleep(delay * backoff ** stats["retried"])',
    ),
    ("ex3/first_retry_without_wait", "linear-backoff", "return delay * backoff * (retry - 1)"),
    (
        "ex3/measured_from_the_start_of_the_try",
        "wrong-pause",
        "await asyncio.sleep(max(0, began + pause - loop.time()))",
    ),
    (
        "ex3/most_transient_errors_need_no_wait",
        "backoff-one-step-behind",
        "await asyncio.sleep(delay * backoff ** (attempt - 2))",
    ),
    (
        "ex3/put_back_after_the_pause",
        "item-put-back",
        "loop.call_later(delay * backoff ** (n - 1),",
    ),
    (
        "ex3/sleep_in_a_task",
        "sleep-not-awaited",
        "asyncio.create_task(asyncio.sleep(delay * backoff **",
    ),
    ("ex3/whole_seconds", "wrong-pause", "await asyncio.sleep(int(pause))"),
    (
        "ex4/always_the_whole_jitter",
        "jitter-not-random",
        "await asyncio.sleep(pause + pause * jitter)",
    ),
    (
        "ex4/default_argument_drawn_once",
        "jitter-shared-by-all",
        "def jittered(d, jitter, share=random.random()):",
    ),
    ("ex4/drawn_once_at_import", "jitter-shared-by-all", "SPREAD = random.random()"),
    (
        "ex4/drawn_once_per_item",
        "jitter-once-per-consumer",
        "pause = delay + random.uniform(0, delay * jitter)",
    ),
    (
        "ex4/drawn_when_the_consumer_starts",
        "jitter-once-per-consumer",
        "factor = random.uniform(1, 1 + jitter)",
    ),
    (
        "ex4/five_steps",
        "jitter-too-coarse",
        "await asyncio.sleep(d + d * jitter * random.choice([0,",
    ),
    ("ex4/golden_ratio_counter", "jitter-from-counter", "return next(_count) * GOLDEN % 1"),
    (
        "ex4/half_of_the_window",
        "jitter-window-too-small",
        "await asyncio.sleep(d + random.random() * d * jitter /",
    ),
    (
        "ex4/hash_of_name_and_attempt",
        "jitter-from-hash",
        "share = hash((name, attempt)) % 1000 / 1000",
    ),
    (
        "ex4/jitter_of_the_first_delay",
        "jitter-of-base-delay",
        "pause = delay * backoff ** (attempt - 1) +",
    ),
    ("ex4/jitter_on_the_first_retry_only", "jitter-on-first-only", "if attempt == 1:"),
    (
        "ex4/jitter_slept_with_time_sleep",
        "blocks-the-loop",
        "time.sleep(random.uniform(0, d * jitter))",
    ),
    ("ex4/no_jitter", "jitter-not-random", "await asyncio.sleep(d)"),
    ("ex4/nothing_or_all", "jitter-too-coarse", "await asyncio.sleep(pause + pause * jitter *"),
    (
        "ex4/product_of_two_draws",
        "jitter-not-uniform",
        "await asyncio.sleep(d + random.uniform(0, d * jitter) *",
    ),
    (
        "ex4/random_integer_below_one",
        "jitter-too-coarse",
        "extra = random.randint(0, int(pause * jitter))",
    ),
    ("ex4/seed_when_a_consumer_starts", "seeded-in-step", "random.seed(2024)"),
    ("ex4/seeded_at_import", "jitter-fixed-seed", "rng = random.Random(1)"),
    ("ex4/seeded_by_the_item", "seeded-in-step", 'dice = random.Random(f"payment-{item}")'),
    ("ex4/seeded_default_generator", "jitter-fixed-seed", "def pause(k, delay, backoff, jitter,"),
    ("ex4/share_from_the_name", "jitter-once-per-consumer", "share = random.Random(name).random()"),
    (
        "ex4/table_shared_by_all",
        "jitter-shared-by-all",
        "TABLE = [random.random() for _ in range(1000)]",
    ),
    (
        "ex4/ten_numbers_in_a_cycle",
        "jitter-too-coarse",
        "SHARES = itertools.cycle([random.random() for _ in",
    ),
    ("ex4/triangular", "jitter-not-uniform", "await asyncio.sleep(d + random.triangular(0, d *"),
    ("ex5/drains_the_queue_first", "drops-items", "q.get_nowait()"),
    (
        "ex5/error_wrapped_in_runtime_error",
        "error-wrapped",
        'raise RuntimeError("the pipeline failed") from',
    ),
    ("ex5/every_error_is_a_failure", "swallows-other-errors", "except Exception as error:"),
    ("ex5/failures_count_as_consumed", "consumed-counts-failures", 'stats["consumed"] += 1'),
    ("ex5/gather_hides_the_error", "error-hidden", "await asyncio.gather(producer, *crew,"),
    ("ex5/group_error_only_printed", "error-hidden", "except* Exception as group:"),
    ("ex5/return_in_the_finally", "error-hidden", "return stats"),
    ("ex5/sets_the_private_event", "returns-without-waiting", "q._finished.set()"),
    ("ex5/summary_before_the_join", "stats-too-early", "summary = dict(stats)"),
    ("ex5/unbounded_again", "unbounded-queue", "q = asyncio.Queue()"),
)
CORPUS = {f"{short(one.exercise)}/{one.slug}": one for one in load() if one.label == "wrong"}


def _line(source: str, number: int | None) -> str | None:
    return None if number is None else source.splitlines()[number - 1].strip()


PRESENT = [row for row in GUILTY if row[0] in CORPUS]


@pytest.mark.parametrize(("place", "code", "text"), PRESENT, ids=lambda value: str(value)[:40])
def test_the_line_is_the_guilty_one(place: str, code: str, text: str) -> None:
    """For each wrong submission of the table, the line is the one that makes the mistake."""
    source = CORPUS[place].path.read_text(encoding="utf-8")
    line = _line(source, spot(code, source, CORPUS[place].exercise))
    assert line is not None
    assert line.startswith(text)


# The same mistake with a second place that could have made it: the trace does not say which it was.
TWINS = (
    ("unbounded-queue", "q = asyncio.Queue()\n    spare = asyncio.Queue(maxsize)"),
    ("unbounded-queue", "q = asyncio.Queue(maxsize)"),
    ("ignores-maxsize", "q = asyncio.Queue(3)\n    log = asyncio.Queue(5)"),
    ("ignores-maxsize", "q = asyncio.Queue(maxsize or 3)"),
    ("items-out-of-order", "q, r = asyncio.LifoQueue(),\\\n        asyncio.PriorityQueue()"),
    ("ignores-consumers", "crew = [asyncio.create_task(f()) for _ in range(consumers)]"),
    ("ignores-consumers", "a = asyncio.create_task(f())\n    b = asyncio.create_task(f())"),
    ("error-hidden", "await asyncio.gather(*crew)"),
)


@pytest.mark.parametrize(("code", "body"), TWINS)
def test_two_places_are_none(code: str, body: str) -> None:
    """Where two lines could have led to the mistake, or none could, no line is shown."""
    source = f"async def run_pipeline(items, work, *, consumers=3, maxsize=3):\n    {body}\n"
    assert spot(code, source) is None


CONSUMER = """
async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03):
    while True:
        item = await q.get()
        try:
            await process_item(item)
        except TransientError:
            {first}
        except ValueError:
            {second}
"""


@pytest.mark.parametrize(
    ("code", "first", "second", "line"),
    [
        ("swallows-other-errors", "pass", "pass", 9),
        ("swallows-other-errors", "pass", "raise", None),
        ("swallows-cancellation", "pass", "pass", None),
        ("failed-counts-tries", "stats['failed'] += 1", "raise", 8),
        ("failed-counts-tries", "stats['failed'] += 1", "stats['failed'] += 1", None),
        ("counts-unsettled-item", "stats['failed'] += 1", "stats['failed'] += 1", 10),
        ("wrong-pause", "await asyncio.sleep(delay)", "raise", 8),
        ("wrong-pause", "await asyncio.sleep(delay)", "await asyncio.sleep(1)", None),
        ("blocks-the-loop", "await asyncio.sleep(delay)", "time.sleep(1)", 10),
        ("error-wrapped", "pass", "raise OSError from None", 10),
        ("jitter-fixed-seed", "random.seed(1)", "random.seed()", 8),
        ("jitter-fixed-seed", "random.seed(1)", "random.seed(2)", None),
        ("private-counters", "q._unfinished_tasks -= 1", "raise", 8),
        ("success-ends-consumer", "pass", "return", 10),
    ],
)
def test_one_place_is_enough(code: str, first: str, second: str, line: int | None) -> None:
    """A rule looks at just the places that its mistake could come from."""
    source = CONSUMER.format(first=first, second=second)
    assert spot(code, source) == line


CREW = """
import contextlib
from time import sleep

async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)
    async def worker():
        while True:
            item = await q.get()
            {inside}
    {outside}

class Unused:
    async def get(self):
        return item in self.seen
"""


@pytest.mark.parametrize(
    ("code", "inside", "outside", "line"),
    [
        ("ignores-consumers", "pass", "crew = [asyncio.create_task(w()) for _ in range(3)]", 11),
        ("ignores-consumers", "pass", "for n in range(2): asyncio.create_task(w())", 11),
        ("ignores-consumers", "pass", "for n in range(2): print(n)", None),
        ("cancelled-error-escapes", "pass", "await asyncio.gather(*crew)", 11),
        ("cancelled-error-escapes", "pass", "for task in crew: await task", 11),
        (
            "cancelled-error-escapes",
            "pass",
            "await asyncio.gather(*crew, return_exceptions=True)",
            None,
        ),
        ("bound-too-small", "pass", "pass", None),
        ("swallows-other-errors", "contextlib.suppress(ValueError)", "pass", 10),
        ("swallows-cancellation", "contextlib.suppress(BaseException)", "pass", 10),
        ("swallows-cancellation", "contextlib.suppress(ValueError)", "pass", None),
        ("blocks-the-loop", "sleep(1)", "asyncio.sleep(1)", 10),
        ("equal-items-merged", "seen = item not in q", "pass", 10),
        ("sentinel-can-be-an-item", "over = item == 'end'", "pass", 10),
        ("falsy-item-taken-for-end", "over = 1 if item else 2", "pass", 10),
        ("falsy-item-taken-for-end", "over = 1 if item is None else 2", "pass", None),
        ("drops-items", "pass", "x = q.get_nowait()", 11),
        ("items-put-twice", "pass", "pass", None),
        ("log-lines-missing", "pass", "print('PROD', 1, 'SZ')", 11),
        ("log-lines-missing", "pass", "print('PROD') if q.empty() else print('PROD')", None),
        ("private-counters", "pass", "q._getters.clear()", 11),
        ("returns-without-waiting", "pass", "q._getters.clear()", None),
        ("returns-without-waiting", "pass", "q._unfinished_tasks = 0", 11),
        ("stats-too-early", "pass", "summary = stats.copy()", 11),
        ("item-put-back", "q.put_nowait(item)", "await q.put(1)", 10),
        ("tried-after-success", "await asyncio.gather(process_item(item))", "pass", 10),
        ("wrong-pause", "await asyncio.sleep(d)", "d = 5", 11),
        ("wrong-pause", "await asyncio.sleep(d)", "for d in (1, 2): pass", 10),
        ("wrong-pause", "await asyncio.sleep()", "pass", 10),
        ("ignores-attempts", "for n in range(4): pass", "pass", 10),
        ("ignores-attempts", "while n < 4: n += 1", "pass", 10),
        ("ignores-attempts", "while n < attempts: n += 1", "pass", None),
    ],
)
def test_a_crew_in_the_pipeline(code: str, inside: str, outside: str, line: int | None) -> None:
    """What a nested function does with items is the consumer's, the rest is the pipeline's."""
    assert spot(code, CREW.format(inside=inside, outside=outside)) == line


@pytest.mark.parametrize(
    ("bound", "code", "found"),
    [
        ("maxsize + 1", "bound-too-large", True),
        ("maxsize - 1", "bound-too-small", True),
        ("maxsize=maxsize", "bound-too-small", False),
        ("maxsize=0", "unbounded-queue", True),
        ("BOUND", "ignores-maxsize", True),
        ("LATER", "ignores-maxsize", False),
        ("int(BOUND)", "ignores-maxsize", False),
        ("0", "ignores-maxsize", False),
        ("**options", "unbounded-queue", False),
    ],
)
def test_the_bound_of_the_queue(bound: str, code: str, found: bool) -> None:
    """None, a constant, or something computed: each is a mistake of its own."""
    source = f"BOUND = 5\nLATER = 1\nLATER = 2\ndef run_pipeline(maxsize): asyncio.Queue({bound})"
    assert spot(code, source) == (4 if found else None)


def test_a_module_with_too_many_nodes_has_no_line() -> None:
    """However large the file is, the look at it stays short."""
    source = "async def run_pipeline(items):\n    q = asyncio.Queue()\n"
    assert spot("unbounded-queue", source) == 2
    assert spot("unbounded-queue", source + "    q\n" * (MOST_NODES // 3)) is None


def test_the_demo_does_not_count() -> None:
    """What the contract's functions do not reach neither hides a mistake nor is taken for one."""
    source = """
import asyncio

async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    await Pipeline(asyncio.Queue()).run()

class Pipeline:
    pass

async def demo():
    q = asyncio.Queue()

if __name__ == "__main__":
    q = asyncio.Queue()
    asyncio.run(demo())
"""
    assert spot("unbounded-queue", source) == 5
    assert spot("unbounded-queue", source.replace("asyncio.Queue()).run", "None).run")) is None


@pytest.mark.parametrize(
    "source",
    [
        "def broken(:",
        "x = '\0'",
        "(" * 5_000,
        "-" * 50_000 + "1",
        "x = " + "[" * 150 + "]" * 150,
        "a = 1\n" * 20_000,
        "#" * (LARGEST + 1),
        "",
        "\ud800",
    ],
)
def test_what_cannot_be_read_has_no_line(source: str) -> None:
    """A source that does not parse, is nested too deeply, or is too large: nothing is said."""
    assert all(spot(code, source) is None for code in RULES)


def test_an_unknown_code_has_no_line() -> None:
    """A mistake without a rule has no line."""
    assert spot("no-such-mistake", "x = 1") is None


def test_every_place_is_a_rule() -> None:
    """Each mistake that names a rule names one that is there."""
    assert all(callable(rule(place)) for place in RULES.values())


SOURCES = [one.path.read_text(encoding="utf-8") for one in CORPUS.values()]


@given(st.text(max_size=300), st.sampled_from(sorted(RULES)))
def test_no_text_is_too_strange(source: str, code: str) -> None:
    """Whatever the file holds, spotting raises nothing."""
    assert spot(code, source) is None or isinstance(spot(code, source), int)


@given(st.sampled_from(SOURCES), st.data())
def test_no_module_is_too_strange(source: str, data: st.DataObject) -> None:
    """Nor does it for modules with lines left out or twice; and a line is one of the file."""
    lines = source.splitlines()
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        lines[place : place + 1] = data.draw(st.sampled_from(([], [lines[place]] * 2)))
        if not lines:
            return
    code = data.draw(st.sampled_from(sorted(RULES)))
    line = spot(code, "\n".join(lines))
    assert line is None or 1 <= line <= len(lines)


GRADED = (
    ("ex1/still_unbounded", "ex2/always_four_tries", "ex3/exponent_from_stats"),
    ("ex1/maxsize_always_three", "ex2/counts_into_a_copy", "ex3/sleep_in_a_task"),
    ("ex4/seeded_at_import", "ex5/unbounded_again"),
    ("ex4/drawn_once_at_import", "ex5/group_error_only_printed"),
)


@pytest.mark.parametrize("places", GRADED, ids=lambda places: places[0][4:])
def test_the_verdict_shows_the_line(places: tuple[str, ...]) -> None:
    """Graded, a wrong submission comes out with the line that its trace did not have."""
    chosen = {CORPUS[place].exercise: place for place in places if place in CORPUS}
    sources = {
        exercise: CORPUS[place].path.read_text(encoding="utf-8")
        for exercise, place in chosen.items()
    }
    results = grade_sources(sources, random.randrange(10**6))
    rows = {place: (code, text) for place, code, text in GUILTY}
    for exercise, place in chosen.items():
        code, text = rows[place]
        failure = results[exercise].first_failure
        assert failure is not None
        assert failure.misconception == code
        assert str(_line(sources[exercise], failure.line)).startswith(text)
