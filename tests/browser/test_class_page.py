"""The page of a class in a real Chromium: quiet, in shape, usable by keyboard, deaf to markup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.render.class_tally import class_figures
from tests.browser.conftest import LEARNERS
from tests.render import classes

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

SIZES = {"desk": (1280, 800), "phone": (390, 844)}
LEAST_CONTRAST = 4.5  # of text, in WCAG 2.2, 1.4.3

shapes = pytest.mark.parametrize("size", SIZES)
themes = pytest.mark.parametrize("theme", ["light", "dark"])

# The least contrast of all texts that can be seen, each against the first background behind it.
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const known = new Map();
  const light = (colour) => {
    if (!known.has(colour)) known.set(colour, luminance(colour));
    return known.get(colour);
  };
  const luminance = (colour) => {
    const parts = Array.from(rgb(colour)).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "white";
  };
  const seen = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    const own = Array.from(element.childNodes).some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || element.closest(".timeline") || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const colour = element instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [light(colour), light(behind(element))].sort((x, y) => y - x);
    seen.set(`${element.tagName}.${element.getAttribute("class")}`, (a + 0.05) / (b + 0.05));
  }
  return Array.from(seen).sort((x, y) => x[1] - y[1])[0];
}"""


@dataclass
class Opened:
    """An open page, and what it has said and asked for."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, path: Path) -> Opened:
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(f"a dialog: {dialog.message}"))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        return self

    def everybody(self) -> Opened:
        """Have all learners in the table, instead of a page of them."""
        self.page.locator("#size").select_option("0")
        return self

    def shown(self) -> list[str]:
        """The learners in the table, as one sees them."""
        names: list[str] = self.page.locator("#class tbody tr:visible th").all_inner_texts()
        return names

    def numbers(self, column: int) -> list[int]:
        """A column of the table, as far as it is shown."""
        cells = self.page.locator(f"#class tbody tr:visible td:nth-child({column})")
        return [int(text.split()[0]) for text in cells.all_inner_texts()]

    def until(self, condition: str) -> None:
        """Wait for what the page does a moment later; its policy forbids playwright's own wait."""
        for _ in range(200):
            if self.page.evaluate(f"Boolean({condition})"):
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(condition)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.page, name)


Open = Callable[..., Opened]


@pytest.fixture
def opened(chromium: Browser, pages: dict[str, Path]) -> Iterator[Open]:
    """Opens a page; whatever a test does with it, it must stay silent and ask for nothing."""
    contexts: list[BrowserContext] = []
    everything: list[Opened] = []

    def open_(which: str = "class", size: str = "desk", theme: str = "light", **how: Any) -> Opened:
        width, height = SIZES[size]
        scheme: Any = theme  # one of two
        contexts.append(
            chromium.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                reduced_motion="reduce",
                **how,
            )
        )
        everything.append(Opened(contexts[-1].new_page()).open(pages[which]))
        return everything[-1]

    yield open_
    for context in contexts:
        context.close()
    for one in everything:
        assert one.said == []
        assert [url for url in one.asked if not url.startswith(("file:", "data:"))] == []


@shapes
@themes
def test_looks_right(opened: Open, size: str, theme: str) -> None:
    """At both sizes and in both themes nothing sticks out, and every text can be read."""
    page = opened(size=size, theme=theme)
    page.evaluate(
        "for (const one of [...document.querySelectorAll('details')].slice(0, 40)) one.open = true"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    where, contrast = page.evaluate(CONTRAST)
    assert contrast >= LEAST_CONTRAST, where
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (theme == "dark")


@shapes
def test_sorts(opened: Open, size: str) -> None:
    """A heading sorts by its column, once more the other way, and says so to a screen reader."""
    page = opened(size=size).everybody()
    heading = page.locator("#class thead th").nth(1)
    before = sorted(page.numbers(2))
    assert heading.get_attribute("aria-sort") == "none"
    heading.locator("button").click()
    assert page.numbers(2) == before[::-1]
    assert heading.get_attribute("aria-sort") == "descending"
    heading.locator("button").focus()
    page.keyboard.press("Enter")
    assert page.numbers(2) == before
    assert heading.get_attribute("aria-sort") == "ascending"
    page.locator("#class thead th").nth(0).locator("button").press("Space")
    assert heading.get_attribute("aria-sort") == "none"
    names = page.shown()
    assert names == page.evaluate(
        """names => names.toSorted(
          new Intl.Collator(undefined, {numeric: true, sensitivity: "base"}).compare)""",
        names,
    )
    assert len(names) == LEARNERS


@shapes
def test_filters(opened: Open, size: str) -> None:
    """A part of a name, a choice, and both; the count is said."""
    page = opened(size=size).everybody()
    everybody = page.shown()
    page.locator("#find").fill("  HOPPER ")
    expected = [name for name in everybody if "hopper" in name.lower()]
    assert page.shown() == expected != []
    assert page.get_by_role("status").inner_text() == f"{len(expected)} of {LEARNERS} found"
    page.locator("#only").select_option("x:ex5_fix_task_done")
    both = [name for name in page.shown() if "hopper" in name.lower()]
    assert 0 < len(both) < len(expected)
    page.get_by_role("button", name="Reset").click()
    page.until(f"document.querySelector('#count').textContent.startsWith('{LEARNERS} of')")
    assert page.everybody().shown() == everybody
    page.locator("#only").select_option("late")
    assert 0 < len(page.shown()) < LEARNERS
    assert all(
        "late" in text for text in page.locator("#class tr:visible td:last-child").all_inner_texts()
    )


def test_shows_who_made_a_mistake(opened: Open) -> None:
    """The button of a mistake leads to the table with those who made it, as many as it says."""
    page = opened()
    card = page.locator("#mistakes article").first
    count = int(card.locator(".measure b").inner_text().split()[0])
    card.get_by_role("button").click()
    assert len(page.shown()) == count
    assert page.evaluate("document.activeElement.id") == "only"


def test_turns_pages(opened: Open) -> None:
    """Fifty at a time, forth and back; the ends have nothing behind them."""
    page = opened()
    first = page.shown()
    assert len(first) == min(50, LEARNERS)
    assert page.locator("#earlier").is_disabled()
    while page.locator("#later").is_enabled():
        page.locator("#later").click()
    assert (page.shown() == first) == (LEARNERS <= 50)
    while page.locator("#earlier").is_enabled():
        page.locator("#earlier").click()
    assert page.shown() == first


@shapes
def test_a_name_leads_to_the_details(opened: Open, size: str) -> None:
    """By click and by key, again and again, also of somebody whom a filter hides."""
    page = opened(size=size)
    link = page.locator("#class tbody a").nth(17)
    link.focus()
    page.keyboard.press("Enter")
    page.until("document.activeElement.id === 'one-name'")
    assert page.locator("#one article").count() == 1
    assert page.locator("#one h3").inner_text().startswith(link.inner_text())
    page.evaluate("document.querySelector('#one').replaceChildren()")
    link.click()
    page.until("document.querySelector('#one article')")
    page.locator("#find").fill("nobody has this name")
    assert page.shown() == []
    page.evaluate("location.hash = '#learner-3'")
    page.until("document.querySelector('#one .nr').textContent === 'Learner 3'")


def test_two_files_side_by_side(opened: Open) -> None:
    """A button of a group shows two of its files, and others can be chosen."""
    page = opened()
    page.locator("button.compare").first.click()
    page.until("document.activeElement.textContent === 'Side by side'")
    assert page.locator("#beside pre").count() == 2
    before = page.locator("#beside figcaption").first.inner_text()
    page.locator("#beside select").first.select_option(index=1)
    assert page.locator("#beside figcaption").first.inner_text() != before


def test_keyboard(opened: Open) -> None:
    """The first stop skips to the report; every stop can be seen, and is at something with a name."""
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(40):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
              const one = document.activeElement, box = one.getBoundingClientRect();
              return {name: one.getAttribute("aria-label") || one.getAttribute("aria-labelledby")
                        || one.textContent.trim() || one.labels?.[0]?.textContent,
                      outline: getComputedStyle(one).outlineStyle, size: box.width * box.height,
                      seen: box.bottom > 0 && box.top < innerHeight, what: one.outerHTML.slice(0, 99)};
            }"""
        )
        assert stop["name"], stop
        assert stop["outline"] == "solid", stop
        assert stop["size"] > 0, stop
        assert stop["seen"], stop


def test_hides_names(opened: Open) -> None:
    """For a lecture: no name and no number of a learner is left to be seen, and all come back."""
    page = opened().everybody()
    names = {one.name for one in class_figures(classes.make_class(LEARNERS)).learners}
    page.evaluate("location.hash = '#learner-17'")
    page.until("document.querySelector('#one article')")
    button = page.get_by_role("button", name="Hide names")
    button.click()
    text = page.locator("body").inner_text()
    assert not [name for name in names if name in text]
    assert "Learner 17" in text
    assert "s20016" not in text
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    text = page.locator("body").inner_text()
    assert "s20016" in text
    assert all(name in text for name in names)


def test_theme_by_hand(opened: Open) -> None:
    """The button goes from the system's theme to light, dark, and back, and says where it is."""
    page = opened(theme="dark")
    button = page.locator("#theme")
    seen = []
    for _ in range(4):
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        seen.append((button.inner_text(), colour == "rgb(255, 255, 255)"))
        button.click()
    assert seen == [
        ("Theme: as the system", False),
        ("Theme: light", True),
        ("Theme: dark", False),
        ("Theme: as the system", False),
    ]


@shapes
def test_reads_without_javascript(opened: Open, size: str) -> None:
    """The class is there to be read; what needs the script is not shown, and it is said."""
    page = opened(size=size, java_script_enabled=False)
    assert page.locator("#class tbody tr:visible").count() == min(50, LEARNERS)
    assert page.locator("button:visible, input:visible, select:visible").count() == 0
    assert page.locator("noscript").last.is_visible()


def test_timelines_are_drawn_when_asked_for(opened: Open) -> None:
    """A timeline is closed at first; opened, it is drawn in the page's colours."""
    page = opened(theme="dark")
    page.evaluate("location.hash = '#learner-1'")
    number = 1
    while not page.locator("#one details.timeline").count():
        number += 1
        page.evaluate(f"location.hash = '#learner-{number}'")
        page.until(f"document.querySelector('#one .nr').textContent === 'Learner {number}'")
    drawing = page.locator("details.timeline svg").first
    assert not drawing.is_visible()
    drawing.evaluate("one => { for (; one; one = one.parentElement) one.open = true; }")
    assert drawing.is_visible()
    assert (
        drawing.locator("text").evaluate("one => getComputedStyle(one).fill")
        == "rgb(232, 235, 239)"
    )


@shapes
@themes
def test_markup_in_names_and_code_stays_text(opened: Open, size: str, theme: str) -> None:
    """Nothing that a learner writes runs, is styled, or breaks the page; it can be read."""
    page = opened("nasty", size=size, theme=theme)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.title() == "Class report: 6 submissions"
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    assert page.locator("img, iframe, main script, main style, b b").count() == 0
    page.evaluate("location.hash = '#learner-1'")
    page.until("document.querySelector('#one article')")
    text = page.locator("#one").inner_text()
    assert classes.NASTY[0] in text
    page.locator("#find").fill("<script>")
    assert page.shown() == [classes.NASTY[0]]


def test_the_policy_is_a_second_wall(opened: Open) -> None:
    """Even markup that got into the page could run nothing and fetch nothing."""
    page = opened()
    page.evaluate(
        """() => {
          document.body.insertAdjacentHTML("beforeend",
            '<img id="foreign" src="http://127.0.0.1:9/x.png" onerror="document.title=1">'
            + '<b id="styled" style="color:red" onclick="document.title=2">x</b>');
          const script = document.createElement("script");
          script.textContent = "document.title = 3";
          document.body.append(script);
          document.querySelector("#styled").click();
        }"""
    )
    assert page.title() == f"Class report: {LEARNERS} submissions"
    assert (
        page.evaluate("getComputedStyle(document.querySelector('#styled')).color")
        != "rgb(255, 0, 0)"
    )
    assert page.said, "Chromium reports what the policy has stopped"
    assert all("Content Security Policy" in text or "violates" in text for text in page.said)
    page.said.clear()
    page.asked[:] = [
        url for url in page.asked if "127.0.0.1:9" not in url
    ]  # asked for, and refused


def test_prints(opened: Open) -> None:
    """On paper there are no buttons and links about, nothing is cut off, and it is light."""
    page = opened(theme="dark")
    page.emulate_media(media="print")
    assert page.locator(".tools:visible, .filter:visible, nav:visible").count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["desk"][0]
