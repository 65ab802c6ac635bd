"""The page in a real browser: what a reader sees, what axe finds, and what is fetched (nothing).

Chromium must be installed. Where it is not the tests are skipped and say so, unless
``MPP_TESTS_NEED_BROWSER`` is set, as it is where a change is checked before it lands.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.formats.reading import expected
from tests.harness import run

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
COMMANDS = {
    "report": ("report", "--additional"),
    "hidden": ("report", "--by", "component", "--suppress-below", "11"),
    "trend": ("trend", "completion-rate", "--by", "component", "--every", "quarter"),
    "compare": ("compare", "--with", "2020-09-30"),
    "variants": ("variants", "completion-rate"),
    "reconcile": ("reconcile",),
    "explain": ("explain", "completion-rate", "--sql"),
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "section508", "best-practice"]
WINDOWS = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 900}}

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and "MPP_TESTS_NEED_BROWSER" not in os.environ,
    reason="there is no chromium: pages are not opened in a browser",
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, words in COMMANDS.items():
        found[name] = folder / f"{name}.html"
        end = ["--data", "sample", "-q", "--no-config", "-o", str(found[name])]
        code, _, err = run([*words, *end])
        assert (code, err) == (0, "")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        yield started
        started.close()


def opened(browser: Browser, path: Path, **how: Any) -> Page:
    page = browser.new_context(**how).new_page()
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("name", COMMANDS)
def test_axe_finds_no_violation(browser: Browser, pages: dict[str, Path], name: str) -> None:
    for scheme, window in (("light", "desk"), ("dark", "phone")):
        # What axe needs is a script, which the page forbids.
        how = {"color_scheme": scheme, "viewport": WINDOWS[window], "bypass_csp": True}
        page = opened(browser, pages[name], **how)
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
        assert found.response["passes"], "axe has run"
        assert [(each["id"], each["nodes"]) for each in found.response["violations"]] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_of_charts_stands_out(browser: Browser, pages: dict[str, Path], scheme: str) -> None:
    """Which axe cannot tell: it does not look behind the text of a picture."""
    page = opened(browser, pages["report"], color_scheme=scheme)
    contrast = """selector => {
        const luminance = color => {
            const part = n => (n /= 255) <= .03928 ? n / 12.92 : ((n + .055) / 1.055) ** 2.4;
            const [r, g, b] = color.match(/[0-9.]+/g).map(Number);
            return .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
        };
        const ground = luminance(getComputedStyle(document.documentElement).backgroundColor);
        return [...document.querySelectorAll(selector)].map(each => {
            const style = getComputedStyle(each);
            const bare = style.fill === "none" || style.fill.startsWith("url");
            const fill = bare ? style.stroke : style.fill;
            const [low, high] = [luminance(fill), ground].sort((a, b) => a - b);
            return (high + .05) / (low + .05);
        });
    }"""
    texts = page.evaluate(contrast, "svg text")
    shapes = page.evaluate(contrast, "svg .bar, svg .part, svg .line, svg .stripe")
    assert len(texts) > 10
    assert len(shapes) > 10
    assert min(texts) >= 4.5
    assert min(shapes) >= 3


def test_no_page_fetches_or_runs_anything(browser: Browser, pages: dict[str, Path]) -> None:
    for path in pages.values():
        page = browser.new_context().new_page()
        fetched: list[str] = []
        said: list[str] = []
        page.on("request", lambda request, to=fetched: to.append(request.url))
        page.on("console", lambda message, to=said: to.append(message.text))
        page.goto(path.as_uri())
        assert (fetched, said) == ([path.as_uri()], [])
        assert page.evaluate("document.scripts.length") == 0
        # The page's own policy refuses what somebody might smuggle into it.
        page.evaluate("document.body.appendChild(new Image()).src = 'http://127.0.0.1:9/x.png'")
        page.wait_for_timeout(50)
        assert any("Content Security Policy" in text for text in said)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_phone_need_not_scroll_sideways(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    page = opened(browser, pages[name], viewport=WINDOWS["phone"])
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_both_colour_schemes_are_there(browser: Browser, pages: dict[str, Path]) -> None:
    grounds = {
        scheme: opened(browser, pages["report"], color_scheme=scheme).evaluate(
            "getComputedStyle(document.documentElement).backgroundColor"
        )
        for scheme in ("light", "dark")
    }
    assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"}


def test_the_page_prints_on_letter_paper(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["report"])
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert b"/MediaBox [0 0 612 792]" in pdf
    page.emulate_media(media="print", color_scheme="dark")
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(255, 255, 255)"


@pytest.mark.parametrize("options", [(), ("--by", "component", "--suppress-below", "11")])
def test_the_figures_of_the_dom_are_those_of_the_json(
    browser: Browser, pages: dict[str, Path], options: tuple[str, ...]
) -> None:
    asked = ["report", *(options or ("--additional",)), "--data", "sample", "--no-config", "-q"]
    _, out, _ = run([*asked, "-f", "json"])
    document = json.loads(out)
    metrics = [metric for goal in document["goals"] for metric in goal["metrics"]]
    wanted = [each for metric in (*metrics, *document["additional"]) for each in expected(metric)]
    page = opened(browser, pages["hidden" if options else "report"])
    # Visible text decides, not markup: what is not shown has no inner text.
    shown = page.evaluate("""() => [...document.querySelectorAll("main td, main p")]
        .filter(each => !each.closest("details"))
        .filter(each => each.tagName === "TD" || each.querySelector(":scope > strong + data"))
        .map(each => [each.querySelector("data")?.value ?? null, each.innerText])
        .filter(([, text]) => text !== "")""")
    read = [
        float(value) if value is not None else None if text == "n/a" else "hidden"
        for value, text in shown
    ]
    assert read == wanted
