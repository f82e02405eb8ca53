"""The pages in Chromium: with and without scripts, by keyboard, on a phone, in both themes, with no other host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LIST = "/?q=crop+type+datasets+with+Sentinel-2+in+Austria"
PAGES = (
    "/",
    LIST,
    "/?q=how+many+models+per+framework",
    "/?q=what+is+the+number+of+classes+of+TimeSen2Crop",
    "/dataset/eurosat",
    "/model/ai4copernicus-crop-type-lstm",
    "/compare?iri=EuroSAT&iri=TimeSen2Crop",
    "/datasets?by=topic%3Dflood",
    "/query?query=SELECT+%3Fs+%3Ft+%7B+%3Fs+dct%3Atitle+%3Ft+%7D+LIMIT+5&plan=1",
    "/ontology",
    "/sensor/sentinel-2",
    "/place/country/AT",
    "/dataset/there-is-no-such-one",
)
_AXE = "() => axe.run(document, {resultTypes: ['violations'], runOnly: RULES})"


@pytest.fixture(scope="module")
def base(http: httpx.Client) -> str:
    """Address of the service."""
    return str(http.base_url).rstrip("/")


@pytest.fixture(scope="module")
def asked_hosts() -> set[str]:
    """Hosts that any page of this module asked."""
    return set()


@pytest.fixture(scope="module")
def page(chromium: Browser, asked_hosts: set[str]) -> Iterator[Page]:
    """One tab, whose errors are failures."""
    # without motion: colours between two themes are no finding
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    tab = context.new_page()
    tab.on("request", lambda one: asked_hosts.add(urlsplit(one.url).netloc))
    yield tab
    context.close()


def _serious(page: Page, rules: str = "null") -> list[str]:
    """What axe finds serious or critical, each with the first place where it is."""
    import axe_playwright_python

    source = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(source)
    script = _AXE.replace("RULES", rules) if rules != "null" else _AXE.replace(", runOnly: RULES", "")
    found: dict[str, Any] = page.evaluate(script)
    return [
        f"{one['id']}: {one['help']} at {one['nodes'][0]['target']} {one['nodes'][0].get('failureSummary', '')[:200]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("path", PAGES)
def test_anyone_can_use_the_page(page: Page, base: str, path: str) -> None:
    """No serious finding of axe in either theme, no error of a script, nothing wider than a phone."""
    pytest.importorskip("axe_playwright_python")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(base + path)
    assert _serious(page) == []
    page.emulate_media(color_scheme="dark")
    assert _serious(page, "['color-contrast']") == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert errors == []


def test_rows_and_outlines_show_each_other(page: Page, base: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(base + LIST)
    row = page.locator(".cards li", has_text="TimeSen2Crop")
    key = row.get_attribute("data-key")
    row.hover()
    assert page.locator(f".found.lit[data-key='{key}']").count() == 1
    row.locator("a").first.focus()
    assert "TimeSen2Crop" in (page.locator(".map-name").text_content() or "")
    before = page.locator(".map svg").get_attribute("viewBox")
    page.get_by_role("button", name="Zoom in").click()
    assert page.locator(".map svg").get_attribute("viewBox") != before


def test_a_condition_is_changed_with_the_keyboard(page: Page, base: str) -> None:
    page.goto(base + LIST)
    page.locator(".chip summary", has_text="Austria").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.name === 'value'")
    page.keyboard.type("Germany")
    page.keyboard.press("Enter")
    page.wait_for_url("**also=place*")
    assert page.locator(".chip.added").text_content().strip().startswith("with places in Germany")  # type: ignore[union-attr]
    page.get_by_role("link", name="Leave out: with places in Germany").click()
    page.wait_for_url(lambda url: "also" not in url)
    assert page.locator(".chip.left_out").count() == 1


def test_asking_on_keeps_the_talk(page: Page, base: str) -> None:
    page.goto(base + LIST)
    page.locator("#follow").fill("only those with a licence for commercial use")
    page.keyboard.press("Enter")
    page.wait_for_url("**after=*")
    assert page.locator("nav.talk a").first.text_content() == "crop type datasets with Sentinel-2 in Austria"
    assert "crop type" in (page.locator(".understood").text_content() or "")


def test_the_first_key_leads_past_the_head_and_slash_to_the_question(page: Page, base: str) -> None:
    page.goto(base + "/dataset/eurosat")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"


def test_what_was_asked_is_remembered_here_alone(page: Page, base: str) -> None:
    page.goto(base + LIST)
    page.goto(base + "/")
    assert page.locator("[data-history] li").first.text_content() == "crop type datasets with Sentinel-2 in Austria"
    page.get_by_role("button", name="Forget them").click()
    page.reload()
    assert not page.locator("[data-history]").is_visible()


def test_four_are_compared_and_differences_stand_out(page: Page, base: str) -> None:
    page.goto(base + LIST)
    for box in page.locator("input[name=iri]").all()[:2]:
        box.check()
    page.get_by_role("button", name="Compare 2").click()
    page.wait_for_url("**/compare?**")
    assert page.locator("thead th").count() == 2
    assert page.locator("tr.differs").count() > 3
    rows = page.locator("tbody tr:visible").count()
    page.get_by_label("differences only").check()
    assert 0 < page.locator("tbody tr:visible").count() < rows


def test_everything_is_there_without_scripts(chromium: Browser, base: str) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    tab = context.new_page()
    tab.goto(base + "/")
    tab.locator("#question").fill("crop type datasets with Sentinel-2 in Austria")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**q=crop*")
    assert tab.locator(".cards li").count() == 4
    assert tab.locator(".map .found").count() >= 2
    tab.get_by_role("link", name="Leave out: with places in Austria").click()
    assert tab.locator(".chip.left_out").count() == 1
    context.close()


def test_a_page_is_light(chromium: Browser, base: str) -> None:
    context = chromium.new_context()
    tab = context.new_page()
    sizes: list[int] = []
    tab.on("requestfinished", lambda one: sizes.append(one.sizes()["responseBodySize"]))
    tab.goto(base + "/?q=datasets")
    tab.wait_for_load_state("networkidle")
    assert len(sizes) >= 1
    assert sum(sizes) <= 400_000
    context.close()


def test_no_other_host_was_asked(asked_hosts: set[str], base: str) -> None:
    assert asked_hosts <= {urlsplit(base).netloc}
