"""The view "How it learns" shows what the service has told, and every part of it can be used."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import serious
from tests.browser.conftest import Visits
from tests.plugins.servers import Served
from tests.service.ended import train

PARTS = ("trace", "race", "rate", "landscape", "listens")
ROW = 3
RACE: dict[str, Any] = {
    "surface": {"kind": "bowl", "condition": 4},
    "start": [-1.5, 1.0],
    "steps": 40,
    "runs": [
        {"optimizer": {"kind": "sgd", "learning_rate": 0.1}},
        {"optimizer": {"kind": "adam", "learning_rate": 0.1}},
    ],
}
COUNT_PIXELS = """
([canvas, swatches]) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  return swatches.map((swatch) => {
    const [r, g, b] = getComputedStyle(swatch).backgroundColor.match(/[0-9]+/g).map(Number);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) {
      found += data[i] === r && data[i + 1] === g && data[i + 2] === b;
    }
    return found;
  });
}
"""

COUNT_COLOURS = """
(canvas) => {
  if (canvas.height <= 300) return 0;
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}
"""

STYLES = """
() => [...document.querySelectorAll("main .part *:not(svg *)")].map((element) => {
  const style = getComputedStyle(element);
  const names = ["display", "padding", "margin", "border", "gap", "alignItems", "listStyle",
                 "fontSize", "fontWeight", "color", "backgroundColor"];
  return `${element.tagName} ${element.className}: ${names.map((name) => style[name]).join(" | ")}`;
})
"""


@pytest.fixture(scope="module")
def model(training: Served) -> str:
    """Two inputs, three hidden units, plain gradient descent: all of it can be done by hand."""
    job = train(
        training,
        name="small",
        dataset={"kind": "two_moons", "samples": 100},
        network={"layers": [{"kind": "dense", "units": 3, "activation": "tanh"}]},
        optimizer={"kind": "sgd", "learning_rate": 0.1},
        training={"epochs": 4, "seed": 7},
        checkpoints={"every": 2},
    )
    return str(job["model_id"])


@pytest.fixture(scope="module")
def with_adam(training: Served) -> str:
    """The same, by an optimizer that remembers, with a penalty."""
    job = train(
        training,
        name="with adam",
        dataset={"kind": "two_moons", "samples": 100},
        network={"layers": [{"kind": "dense", "units": 3, "activation": "tanh"}]},
        optimizer={"kind": "adam", "learning_rate": 0.05},
        regularizers=[{"kind": "l2", "strength": 0.01}],
        training={"epochs": 4, "seed": 7},
        checkpoints={"every": 2},
    )
    return str(job["model_id"])


def rows_of(training: Served, model: str, offset: int, limit: int) -> list[dict[str, Any]]:
    """Of the data that a model was trained on."""
    job = training.client.get(f"/v1/models/{model}").json()["job_id"]
    dataset = training.client.get(f"/v1/jobs/{job}").json()["dataset"]["id"]
    query = {"offset": offset, "limit": limit}
    page = training.client.get(f"/v1/datasets/{dataset}/rows", params=query).json()
    rows: list[dict[str, Any]] = page["data"]
    return rows


def address(part: str, **state: object) -> str:
    return f"#/learn?{urlencode({'part': part, **state}, quote_via=quote)}"


def number(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))


def matrix(page: Page, name: str) -> np.ndarray[Any, Any]:
    """A small matrix as it is written in full below the steps."""
    written = page.locator("figure.matrix", has_text=name)
    written.wait_for()
    rows = written.locator("tr").all()
    cells = [row.locator("td").all_inner_texts() for row in rows]
    return np.array([[number(cell) for cell in row] for row in cells])


def inside(page: Page, symbol: str) -> list[float]:
    """The numbers in the units of the network that are called so."""
    units = page.locator(".unit", has_text=re.compile(symbol))
    return [number(text) for text in units.locator(".inside").all_text_contents()]


def step(page: Page, title: str) -> None:
    """On to the step that is called so, by the arrow key."""
    page.keyboard.press("ArrowRight")
    expect(page.locator(".lesson h2")).to_have_text(title)


def test_a_trace_goes_forward_and_back_with_the_numbers_of_the_service(
    training: Served, visit: Visits, model: str
) -> None:
    rows = rows_of(training, model, ROW, 1)
    told = training.client.post(f"/v1/models/{model}/trace", json={"records": rows}).json()
    hidden, output = told["layers"]

    page = visit(address("trace", model=model, row=ROW, digits=9))
    expect(page.locator(".lesson h2")).to_have_text("The example")
    np.testing.assert_allclose(matrix(page, "x"), hidden["x"]["values"], rtol=1e-7)

    step(page, "Layer 1: the weighted sums")
    np.testing.assert_allclose(matrix(page, "W⁽¹⁾"), hidden["parameters"]["W"]["values"], rtol=1e-7)
    np.testing.assert_allclose(inside(page, "^h"), hidden["z"]["values"][0], rtol=0.06)
    step(page, "Layer 1: the activation")
    np.testing.assert_allclose(inside(page, "^h"), hidden["h"]["values"][0], rtol=0.06)
    step(page, "Output layer: the weighted sums")
    step(page, "Output layer: the activation")
    np.testing.assert_allclose(inside(page, "^ŷ"), output["h"]["values"][0], rtol=0.06)

    step(page, "The loss")
    assert number((page.locator(".loss .inside").text_content() or "")[2:]) == pytest.approx(
        told["loss"], rel=0.01
    )
    step(page, "Output layer: the error")
    np.testing.assert_allclose(matrix(page, "δ⁽²⁾"), output["delta"]["values"], rtol=1e-7)
    step(page, "Output layer: the gradient")
    np.testing.assert_allclose(
        matrix(page, "∂L/∂W⁽²⁾"), output["gradients"]["dW"]["values"], rtol=1e-7
    )
    step(page, "Layer 1: the error")
    np.testing.assert_allclose(matrix(page, "δ⁽¹⁾"), hidden["delta"]["values"], rtol=1e-7)
    step(page, "Layer 1: the gradient")
    np.testing.assert_allclose(
        matrix(page, "∂L/∂W⁽¹⁾"), hidden["gradients"]["dW"]["values"], rtol=1e-7
    )
    step(page, "Layer 1: the update")
    np.testing.assert_allclose(
        matrix(page, "W⁽¹⁾ after"), hidden["theta"]["W"]["values"], rtol=1e-7
    )
    step(page, "Output layer: the update")
    np.testing.assert_allclose(
        matrix(page, "W⁽²⁾ after"), output["theta"]["W"]["values"], rtol=1e-7
    )
    assert "step=12" in page.url


def test_the_equations_have_the_numbers_of_the_chosen_unit(visit: Visits, model: str) -> None:
    page = visit(address("trace", model=model, row=ROW, step=2))
    unit = page.get_by_role("button", name=re.compile("^h₃"))
    unit.click()
    sums = matrix(page, "z⁽¹⁾")
    expect(page.locator(".lesson .equation").last).to_contain_text(f"{sums[0, 2]:.4g}".strip("-"))
    assert "unit=3" in page.url
    page.reload()
    expect(page.get_by_role("button", name=re.compile("^h₃"))).to_have_attribute(
        "aria-pressed", "true"
    )


def test_an_example_that_is_typed_is_traced(visit: Visits, model: str) -> None:
    page = visit(address("trace", model=model))
    before = matrix(page, "x")
    page.get_by_label("x1", exact=True).fill("5.5")
    page.keyboard.press("Enter")
    expect(page.locator(".row-choice label")).to_contain_text("changed below")
    after = matrix(page, "x")
    assert after[0, 0] > before[0, 0]
    assert after[0, 1] == before[0, 1]


def test_the_update_shows_what_the_optimizer_remembers(
    training: Served, visit: Visits, with_adam: str
) -> None:
    rows = rows_of(training, with_adam, ROW, 1)
    told = training.client.post(f"/v1/models/{with_adam}/trace", json={"records": rows}).json()
    update = told["layers"][0]["update"]
    page = visit(address("trace", model=with_adam, row=ROW, digits=9, step=11))
    expect(page.locator(".lesson h2")).to_have_text("Layer 1: the update")
    expect(page.locator(".lesson")).to_contain_text("Also at work: l2")
    expect(page.locator(".lesson")).to_contain_text(f"step number {told['step']}")
    for name, numbers in (
        ("g of W⁽¹⁾", update["gradients"]["dW"]),
        ("first moment of W⁽¹⁾, before", update["memory"]["first_moment"]["before"]["W"]),
        ("first moment of W⁽¹⁾, after", update["memory"]["first_moment"]["after"]["W"]),
        ("second moment of W⁽¹⁾, after", update["memory"]["second_moment"]["after"]["W"]),
        ("ΔW⁽¹⁾", update["change"]["W"]),
    ):
        np.testing.assert_allclose(matrix(page, name), numbers["values"], rtol=1e-7)
    boxes = page.locator(".lesson .equation").nth(4).locator(".boxpad")
    expect(boxes).to_have_count(2)


def test_a_memory_larger_than_an_answer_is_left_out(training: Served, visit: Visits) -> None:
    job = train(
        training,
        name="remembers much",
        dataset={"kind": "two_moons", "samples": 100},
        network={"layers": [{"kind": "dense", "units": 16}] * 4},
        optimizer={"kind": "lbfgs", "history": 100, "learning_rate": 0.01},
        training={"epochs": 2, "seed": 7, "batch_size": 100},
        validation={"kind": "none"},
    )
    page = visit(address("trace", model=job["model_id"], step=99))
    expect(page.locator(".lesson h2")).to_have_text("Output layer: the update")
    expect(page.locator(".lesson")).to_contain_text("what it remembers of earlier ones")
    expect(page.locator("figure.matrix", has_text="W⁽⁵⁾ after")).to_be_visible()
    expect(page.locator("figure.matrix", has_text="g of")).to_have_count(0)


def test_a_wide_layer_is_drawn_by_units_whose_numbers_are_given(
    training: Served, visit: Visits
) -> None:
    job = train(
        training,
        name="wide",
        dataset={"kind": "two_moons", "samples": 60},
        network={"layers": [{"kind": "dense", "units": 200, "activation": "relu"}]},
        training={"epochs": 1, "seed": 1},
    )
    page = visit(address("trace", model=job["model_id"], step=3))
    stage = page.get_by_role("region", name="The network", exact=True)
    expect(stage).to_contain_text("195 more")
    expect(stage).not_to_contain_text("not finite")
    assert stage.evaluate("(stage) => stage.scrollWidth <= stage.clientWidth")


def test_a_mini_batch_is_stepped_through_and_its_gradients_averaged(
    training: Served, visit: Visits, model: str
) -> None:
    rows = rows_of(training, model, ROW, 3)
    told = training.client.post(f"/v1/models/{model}/trace", json={"records": rows}).json()
    hidden, output = told["layers"]
    page = visit(address("trace", model=model, row=ROW, digits=9, step=3))
    page.get_by_label("Examples", exact=True).fill("3")
    page.keyboard.press("Enter")
    chips = page.get_by_role("group", name="The examples of the mini-batch").locator(".chip")
    expect(chips).to_have_count(3)
    for place in (0, 2):
        chips.nth(place).click()
        expect(chips.nth(place)).to_have_attribute("aria-pressed", "true")
        np.testing.assert_allclose(inside(page, "^h"), hidden["h"]["values"][place], rtol=0.06)
    np.testing.assert_allclose(matrix(page, "h⁽¹⁾"), hidden["h"]["values"], rtol=1e-7)
    expect(page.locator("figure.matrix tr.marked")).to_have_count(2)
    step(page, "Output layer: the weighted sums")
    step(page, "Output layer: the activation")
    step(page, "The loss")
    losses = page.locator(".lesson .boxpad").all_text_contents()
    assert [number(each) for each in losses] == pytest.approx([told["losses"][2], told["loss"]])
    step(page, "Output layer: the error")
    np.testing.assert_allclose(matrix(page, "δ⁽²⁾"), output["delta"]["values"], rtol=1e-7)
    step(page, "Output layer: the gradient")
    expect(page.locator(".lesson")).to_contain_text("mean of these")
    slope = page.locator(".lesson .boxpad").first.text_content() or ""
    assert number(slope) == pytest.approx(output["gradients"]["dW"]["values"][0][0], rel=1e-6)
    page.get_by_role("button", name="Take this one out").click()
    expect(chips).to_have_count(2)
    assert json.loads(parse_qs(page.url.partition("?")[2])["rows"][0]) == [ROW, ROW + 1]


def test_a_race_draws_a_path_for_each_and_the_bar_moves_them(
    training: Served, visit: Visits
) -> None:
    paths = training.client.post("/v1/descents", json=RACE).json()["paths"]
    page = visit(address("race", race=json.dumps(RACE), at=0))
    rows = page.locator(".standings tbody tr")
    expect(rows).to_have_count(2)

    def heights() -> list[float]:
        return [number(row.locator("td").nth(1).inner_text()) for row in rows.all()]

    def drawn() -> list[int]:
        canvas = page.locator("canvas.plane").element_handle()
        swatches = [row.locator(".swatch").element_handle() for row in rows.all()]
        counted: list[int] = page.evaluate(COUNT_PIXELS, [canvas, swatches])
        return counted

    np.testing.assert_allclose(heights(), [path["values"][0] for path in paths], rtol=1e-3)
    at_start = drawn()
    page.get_by_label("Step of the race").press("End")
    expect(page.locator(".player .place")).to_have_text("step 40 of 40")
    np.testing.assert_allclose(heights(), [path["value"] for path in paths], rtol=1e-3)
    assert all(after > before + 200 for before, after in zip(at_start, drawn(), strict=True))
    expect(page).to_have_url(re.compile("at=40"))


def test_a_racer_can_have_a_schedule(training: Served, visit: Visits) -> None:
    page = visit(address("race", race=json.dumps(RACE), at=40))
    rows = page.locator(".standings tbody tr")
    expect(rows.first).to_contain_text("sgd")
    schedules = page.get_by_label("Schedule", exact=True)
    schedules.first.select_option("exponential")
    page.get_by_label("Factor", exact=True).first.fill("0.5")
    expect(rows.first).to_contain_text("exponential · factor 0.5")
    run = RACE["runs"][0] | {"schedule": {"kind": "exponential", "factor": 0.5}}
    body = RACE | {"runs": [run]}
    (path,) = training.client.post("/v1/descents", json=body).json()["paths"]
    end = number(rows.first.locator("td").nth(2).inner_text())
    assert end == pytest.approx(path["value"], rel=1e-3)
    page.reload()
    expect(rows.first).to_contain_text("exponential")
    schedules.nth(1).select_option("reduce_on_plateau")
    expect(page.get_by_text("watches the loss of a training")).to_be_visible()


def test_a_click_on_the_surface_is_another_start(visit: Visits) -> None:
    page = visit(address("race", race=json.dumps(RACE)))
    canvas = page.locator("canvas.plane")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    starts = [page.get_by_label(f"Start, {axis}") for axis in "xy"]
    expect(starts[0]).not_to_have_value("-1.5")
    assert [float(start.input_value()) for start in starts] == pytest.approx([1, 1], abs=0.02)


def test_a_range_test_suggests_a_rate_for_a_new_run(training: Served, visit: Visits) -> None:
    page = visit(address("rate", dataset="two_moons", range=json.dumps({"highest": 100})))
    page.get_by_role("button", name="Run the test").click()
    use = page.get_by_role("link", name="Use this rate").first
    use.wait_for()
    job = parse_qs(page.url.partition("?")[2])["job"][0]
    steepest = training.client.get(f"/v1/jobs/{job}/range_test").json()["suggestion"]["steepest"]
    link = parse_qs((use.get_attribute("href") or "").partition("?")[2])
    spec = json.loads(link["job"][0])
    assert spec["optimizer"]["learning_rate"] == pytest.approx(steepest, rel=0.01)
    plan = training.client.post("/v1/jobs", params={"validate_only": True}, json=spec)
    assert plan.status_code == 200, plan.text
    expect(page.locator(".chart .mark.good text")).to_have_text("steepest")


def test_a_landscape_is_drawn_and_its_lowest_place_told(
    training: Served, visit: Visits, model: str
) -> None:
    body = {"directions": {"kind": "random", "dimensions": 1}, "resolution": 101}
    told = training.client.post(f"/v1/models/{model}/landscape", json=body).json()
    page = visit(address("landscape", model=model, along="line"))
    expect(page.locator(".chart polyline")).to_be_attached()
    said = page.locator("section[aria-label='The landscape'] strong").all_inner_texts()
    assert [float(each) for each in said] == pytest.approx(
        [told["loss"], min(told["losses"])], rel=1e-3
    )
    page.get_by_label("Along", exact=True).select_option("map")
    canvas = page.locator("canvas.plane")
    colours = page.wait_for_function(
        COUNT_COLOURS,
        arg=canvas.element_handle(),
    )
    assert colours.json_value() > 50


def test_feature_importance_and_the_gradient_check(visit: Visits, model: str) -> None:
    page = visit(address("listens", model=model))
    expect(page.locator(".bars li")).to_have_count(2)
    expect(page.get_by_text("Passed", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="layers.0.weight")).to_be_visible()


def test_styles_of_a_page_that_was_left_do_not_apply(visit: Visits) -> None:
    fresh = visit(address("race"))
    fresh.locator(".part summary").first.wait_for()
    fresh.wait_for_load_state("networkidle")
    page = visit("#/new")
    page.locator(".data-card").first.wait_for()
    page.evaluate("(hash) => { location.hash = hash; }", address("race"))
    page.locator(".part summary").first.wait_for()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(STYLES) == fresh.evaluate(STYLES)


def test_a_style_sheet_that_failed_to_load_is_asked_for_again(visit: Visits) -> None:
    page = visit("#/runs")
    page.locator("h1").first.wait_for()
    page.route("**/css/learn.css", lambda route: route.abort(), times=1)
    page.evaluate("(hash) => { location.hash = hash; }", address("race"))
    page.get_by_role("button", name="Try again").click()
    page.locator(".part summary").first.wait_for()
    assert all("learn.css" in complaint for complaint in visit.complaints)
    visit.complaints.clear()


@pytest.mark.parametrize(("theme", "width"), [("light", 375), ("dark", 1440)])
def test_everybody_can_use_it(
    visit: Visits, screenshot: Any, model: str, theme: Any, width: int
) -> None:
    for part in PARTS:
        state = {"model": model, "step": 10, "digits": 6, "rows": "[3, 4, 5]"}
        page = visit(address(part, **state), width=width, theme=theme)
        page.locator(".part > .stack > *").last.wait_for()
        page.wait_for_load_state("networkidle")
        assert serious(page) == [], part
        assert page.evaluate("document.documentElement.scrollWidth") <= width, part
        screenshot(page, f"learn-{part}-{theme}")
        page.context.close()
