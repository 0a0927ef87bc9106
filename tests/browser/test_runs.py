"""The table of runs and their comparison: live, sorted, compared, deleted, undone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import stdev

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

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
    return page.locator(".run-link").all_inner_texts()


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


def test_many_live_runs_are_followed_on_one_stream(visit: Visits, training: Served) -> None:
    oldest, *_ = [make(training.client, name=f"run {number}", paused=True) for number in range(30)]
    page = visit("#/new")
    with page.expect_request("**/v1/events?*") as asked:
        page.get_by_role("link", name="Runs").click()
    assert asked.value.url.count("job_id=") == 30
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    # The newest ones are looked at now and then; of this one the stream alone tells.
    training.client.post(f"/v1/jobs/{oldest}/cancel")
    expect(row(page, "run 0").get_by_text("cancelled").first).to_be_visible()
    expect(page.locator(".status[data-status=paused]")).to_have_count(29)


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
    expect(page.locator(".run-link")).to_have_text(["gamma", "alpha", "beta"])
    page.get_by_role("button", name="Run", exact=True).press("Enter")
    expect(page.locator(".run-link")).to_have_text(["alpha", "beta", "gamma"])
    page.get_by_label("Tag").fill("x")
    page.keyboard.press("Enter")
    expect(page.locator(".run-link")).to_have_text(["beta", "gamma"])
    page.get_by_label("Search").fill("GAM")
    expect(page.locator(".run-link")).to_have_text(["gamma"])
    again = visit(page.url.partition("/#")[2].join(["#", ""]))
    expect(again.locator(".run-link")).to_have_text(["gamma"])
    expect(again.get_by_label("Search")).to_have_value("GAM")


def test_a_small_screen_sorts_by_a_field(visit: Visits, training: Served) -> None:
    for name in ("beta", "alpha", "gamma"):
        trained(training.client, name=name)
    page = visit("#/runs", width=375)
    expect(page.locator(".run-link")).to_have_text(["gamma", "alpha", "beta"])
    expect(page.get_by_role("button", name="Status", exact=True)).to_be_hidden()
    by = page.get_by_label("Sort by")
    by.select_option("Run")
    expect(page.locator(".run-link")).to_have_text(["gamma", "beta", "alpha"])
    by.press("Tab")
    expect(page.get_by_role("button", name="Descending")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".run-link")).to_have_text(["alpha", "beta", "gamma"])
    expect(page.get_by_role("button", name="Ascending")).to_be_focused()
    again = visit("#" + page.url.partition("#")[2], width=375)
    expect(again.locator(".run-link")).to_have_text(["alpha", "beta", "gamma"])
    expect(again.get_by_label("Sort by")).to_have_value("name")
    again.set_viewport_size({"width": 1440, "height": 900})
    expect(again.get_by_label("Sort by")).to_be_hidden()
    heading = again.get_by_role("columnheader", name="Run")
    expect(heading).to_have_attribute("aria-sort", "ascending")


def test_two_runs_are_compared_by_keyboard(
    visit: Visits, training: Served, screenshot: Callable[[Page, str], None]
) -> None:
    for name, rate in (("quick", 0.05), ("careful", 0.002)):
        trained(training.client, name=name, optimizer={"kind": "adam", "learning_rate": rate})
    page = visit("#/runs")
    for name in ("quick", "careful"):
        page.get_by_role("checkbox", name=f"Select {name}").press("Space")
    page.get_by_role("link", name="Compare").press("Enter")
    settings = page.get_by_role("table", name="Results and differing settings")
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


def test_folds_are_compared_one_by_one_or_by_their_mean(
    visit: Visits, training: Served, screenshot: Callable[[Page, str], None]
) -> None:
    crossed = trained(training.client, name="crossed", validation={"kind": "k_fold", "folds": 3})
    plain = trained(training.client, name="plain")
    rows = training.client.get(f"/v1/jobs/{crossed}/epochs?limit=1000").json()["data"]

    def at(epoch: int) -> list[float]:
        """The losses of fold 1, 2, 3."""
        own = {row["fold"]: row for row in rows if row["epoch"] == epoch}
        return [own[fold]["validation"]["loss"] for fold in (1, 2, 3)]

    def pointed(page: Page) -> tuple[int, list[float]]:
        """The epoch that is pointed at, and what the legend says of the run there."""
        place = page.get_by_text(re.compile(r"^epoch \d+$"))
        page.mouse.move(0, 0)
        expect(place).to_be_hidden()
        page.locator(".compare-chart .u-over").hover()
        expect(place).to_be_visible()
        told = page.get_by_role("button", name="crossed").inner_text()
        epoch = int(place.inner_text().removeprefix("epoch "))
        return epoch, [float(each) for each in re.findall(r"\d+\.\d+", told)]

    page = visit("#/runs")
    a_line_each = re.compile(r"^(M[^ML]+(L[^ML]+)+){3}$")
    line = row(page, "crossed").locator(".sparkline .front").last
    expect(line).to_have_attribute("d", a_line_each)
    page = visit(f"#/compare?ids={crossed},{plain}")
    epoch, told = pointed(page)
    low, high = min(at(epoch)), max(at(epoch))
    assert told == pytest.approx([sum(at(epoch)) / 3, low, high], rel=1e-2)
    screenshot(page, "compare-folds")
    page.get_by_label("Band").select_option("standard deviation")
    epoch, (middle, low, high) = pointed(page)
    assert high - middle == pytest.approx(stdev(at(epoch)), rel=0.1)
    assert middle - low == pytest.approx(stdev(at(epoch)), rel=0.1)
    page.get_by_label("Folds").select_option("fold 2")
    expect(page.get_by_label("Band")).to_be_hidden()
    epoch, told = pointed(page)
    assert told == pytest.approx([at(epoch)[1]], rel=1e-3)
    again = visit("#" + page.url.partition("#")[2])
    expect(again.get_by_label("Folds")).to_have_value("2")
    epoch, told = pointed(again)
    assert told == pytest.approx([at(epoch)[1]], rel=1e-3)
    assert serious(again) == []
    again.goto(f"{training.url}/#/compare?ids={plain}")
    again.reload()
    expect(again.get_by_label("Metric")).to_be_visible()
    expect(again.get_by_label("Folds")).to_have_count(0)


def test_a_mean_is_locked_at_every_epoch_of_those_that_have_come_so_far(visit: Visits) -> None:
    curve = visit().evaluate(
        """async () => {
          const { mean } = await import("/assets/js/views/compare/folds.js");
          const thinned = { epochs: [1, 5], values: [0, 4] };
          const stopped = { epochs: [1, 2, 3], values: [4, 3, 2] };
          const broken = { epochs: [1, 3], values: [null, 5] };
          return mean([thinned, stopped, broken], "range");
        }"""
    )
    assert curve == {
        "epochs": [1, 2, 3, 5],
        "values": [2, 2, 3, 4],
        "low": [0, 1, 2, 4],
        "high": [4, 3, 5, 4],
    }


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


def box(found: Locator) -> FloatRect:
    shown = found.bounding_box()
    assert shown is not None
    return shown


@pytest.mark.parametrize(("theme", "width"), [("dark", 1920), ("light", 3840)])
def test_wide_screens_are_used(
    visit: Visits,
    training: Served,
    screenshot: Callable[[Page, str], None],
    theme: Theme,
    width: int,
) -> None:
    job = trained(training.client, name="moons", dataset={"kind": "two_moons", "samples": 200})
    other = trained(training.client, name="other")
    addresses = {
        "new": "#/new",
        "runs": "#/runs",
        "run": f"#/runs/{job}",
        "compare": f"#/compare?ids={job},{other}",
    }
    page = visit(width=width, height=width * 9 // 16, theme=theme)
    for name, address in addresses.items():
        page.goto(f"{training.url}/{address}")
        expect(page.locator(f".view.{name} h1")).to_be_visible()
        assert box(page.locator(".view"))["width"] > 0.9 * width
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        letters = float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"))
        assert letters >= 15 * max(1, width / 2600)
        if name == "runs":
            expect(page.get_by_role("columnheader", name="Learning rate")).to_be_visible()
        if name == "new":
            parts = ["Data", "Optimizer", "Plan"]
            lefts = [box(page.get_by_label(part, exact=True).first)["x"] for part in parts]
            assert lefts[0] < lefts[1] < lefts[2]
        if name == "run":
            expect(page.locator(".run-map")).to_have_attribute("data-epoch", re.compile(r"\d"))
            panels = [box(panel) for panel in page.locator(".run-metric, .run-decision").all()]
            assert len({panel["x"] for panel in panels}) == 3
        screenshot(page, f"{name}-{theme}-{width}")
