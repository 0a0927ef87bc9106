"""The table of runs and their comparison: live, sorted, compared, deleted, undone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from service.settings import Settings
from tests.browser.axe import serious
from tests.browser.conftest import Theme, Visits
from tests.browser.jobs import delete_all, make, trained
from tests.plugins.servers import Served, serving

LINE = re.compile(r"^M.+L.+")


@pytest.fixture(autouse=True)
def empty_table(training: Served) -> Iterator[None]:
    delete_all(training.client)
    yield
    delete_all(training.client)


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def names(page: Page) -> list[str]:
    return page.locator(".run-name").all_inner_texts()


def test_before_the_first_run_there_are_lessons(visit: Visits) -> None:
    page = visit()
    expect(page.get_by_role("heading", name="Nothing has been trained yet")).to_be_visible()
    page.get_by_role("link", name="Overfitting").click()
    expect(page.get_by_role("heading", name="New run")).to_be_visible()


def test_a_run_is_live_in_the_table_to_its_end(visit: Visits, training: Served) -> None:
    job = make(training.client, name="long", training={"epochs": 1_000_000, "seed": 1})
    page = visit("#/runs")
    line = row(page, "long")
    expect(line.get_by_text("running")).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    epoch = line.get_by_role("cell").nth(4)
    expect(epoch).not_to_have_text("0")
    expect(epoch).not_to_have_text(epoch.inner_text())
    expect(line.get_by_role("button", name="Delete")).to_be_disabled()
    training.client.post(f"/v1/jobs/{job}/cancel")
    expect(line.get_by_text("cancelled").first).to_be_visible()
    expect(line.locator(".sparkline .front").last).to_have_attribute("d", LINE)


def test_runs_made_elsewhere_appear_by_themselves(visit: Visits, training: Served) -> None:
    trained(training.client, name="was there")
    page = visit("#/runs")
    expect(page.get_by_role("link", name="was there")).to_be_visible()
    make(training.client, name="came later")
    expect(row(page, "came later").get_by_text("succeeded")).to_be_visible()


def test_the_table_is_sorted_and_filtered_by_its_address(visit: Visits, training: Served) -> None:
    for name, tags in (("beta", ["x"]), ("alpha", []), ("gamma", ["x"])):
        trained(training.client, name=name, tags=tags)
    page = visit("#/runs")
    expect(page.locator(".run-name")).to_have_text(["gamma", "alpha", "beta"])
    page.get_by_role("button", name="Run", exact=True).press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".run-name")).to_have_text(["alpha", "beta", "gamma"])
    page.get_by_label("Tag").fill("x")
    page.keyboard.press("Enter")
    expect(page.locator(".run-name")).to_have_text(["beta", "gamma"])
    page.get_by_label("Search").fill("GAM")
    expect(page.locator(".run-name")).to_have_text(["gamma"])
    again = visit(page.url.partition("/#")[2].join(["#", ""]))
    expect(again.locator(".run-name")).to_have_text(["gamma"])
    expect(again.get_by_label("Search")).to_have_value("GAM")


def test_two_runs_are_compared_by_keyboard(
    visit: Visits, training: Served, screenshot: Callable[[Page, str], None]
) -> None:
    for name, rate in (("quick", 0.05), ("careful", 0.002)):
        trained(training.client, name=name, optimizer={"kind": "adam", "learning_rate": rate})
    page = visit("#/runs")
    for name in ("quick", "careful"):
        page.get_by_role("checkbox", name=f"Select {name}").press("Space")
    page.get_by_role("link", name="Compare").press("Enter")
    settings = page.get_by_role("table", name="Outcomes and differing settings")
    expect(settings.get_by_role("row", name="optimizer.learning_rate")).to_contain_text("0.002")
    expect(settings.get_by_text("optimizer.kind")).to_have_count(0)
    chart = page.locator(".compare-chart .u-over")
    for name in ("quick", "careful"):
        chart.hover()
        expect(page.get_by_role("button", name=re.compile(rf"{name} ?0\.\d+"))).to_be_visible()
    page.get_by_role("button", name="careful").click()
    page.get_by_label("Metric").select_option("accuracy")
    page.get_by_label("Scale").select_option("log")
    again = visit("#" + page.url.partition("#")[2])
    expect(again.get_by_label("Metric")).to_have_value("accuracy")
    expect(again.get_by_role("button", name="careful")).to_have_attribute("aria-pressed", "false")
    assert serious(again) == []
    screenshot(again, "compare")


def test_a_deletion_can_be_undone_until_it_happens(visit: Visits, training: Served) -> None:
    job = trained(training.client, name="precious")
    trained(training.client, name="other")
    page = visit("#/runs")
    delete = page.get_by_role("button", name="Delete precious")
    delete.click()
    expect(row(page, "precious")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "precious")).to_be_visible()
    delete.click()
    assert training.client.get(f"/v1/jobs/{job}").status_code == 200
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as deletion:
        expect(row(page, "precious")).to_have_count(0)
    assert deletion.value.status == 204
    assert training.client.get(f"/v1/jobs/{job}").status_code == 404
    expect(row(page, "other")).to_be_visible()
    assert names(page) == ["other"]


def test_a_key_is_asked_for_until_it_is_right(
    visit: Visits, tmp_path: Path, migrated_file: Path
) -> None:
    settings = Settings(data_dir=tmp_path, api_keys=["the-right-key-of-two"])
    with serving(settings, migrated_file) as guarded:
        make(guarded.client, name="behind a key")
        page = visit("#/runs", url=guarded.url)
        for key in ("a-wrong-one", "the-right-key-of-two"):
            page.get_by_label("Key", exact=True).fill(key)
            page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="behind a key")).to_be_visible()
        page.reload()
        expect(page.get_by_role("link", name="behind a key")).to_be_visible()
        page.close()


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 375)])
def test_the_table_is_for_everybody(
    visit: Visits,
    training: Served,
    screenshot: Callable[[Page, str], None],
    theme: Theme,
    width: int,
) -> None:
    for name in ("one", "another"):
        trained(training.client, name=name, tags=["lecture"])
    page = visit("#/runs", width=width, theme=theme)
    expect(row(page, "another").locator(".sparkline .front").last).to_have_attribute("d", LINE)
    page.get_by_role("checkbox", name="Select one").check()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot(page, f"runs-{theme}-{width}")
