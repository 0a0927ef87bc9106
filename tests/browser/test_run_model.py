"""The model of a run: predictions over one column, parts of large layers, folds."""

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from sklearn.decomposition import PCA

from tests.browser.axe import serious
from tests.browser.conftest import TIMEOUT, Visits
from tests.plugins.servers import Served
from tests.service.ended import train

expect.set_options(timeout=TIMEOUT)

ROWS = 90
UNITS = 40
SMALL: dict[str, Any] = {
    "network": {"layers": [{"kind": "dense", "units": 8, "activation": "tanh"}]},
    "optimizer": {"kind": "adam", "learning_rate": 0.05},
    "training": {"epochs": 40, "seed": 7},
    "checkpoints": {"every": 10, "keep": 5},
}


def learnt(training: Served, records: list[dict[str, Any]], target: str) -> dict[str, Any]:
    answer = training.client.post("/v1/datasets", json={"records": records, "target": target})
    assert answer.status_code == 201, answer.text
    return train(training, dataset=answer.json()["id"], **SMALL)


@pytest.fixture(scope="module")
def wave(training: Served) -> dict[str, Any]:
    """A number that depends on one other."""
    places = np.linspace(-3, 3, ROWS)
    return learnt(training, [{"x": x, "y": np.sin(x)} for x in places.tolist()], "y")


@pytest.fixture(scope="module")
def sizes(training: Served) -> dict[str, Any]:
    """Three classes along one column."""
    names = ["small", "medium", "large"]
    rows = [{"x": x, "size": names[int(x // 2)]} for x in np.linspace(0, 5.9, ROWS).tolist()]
    return learnt(training, rows, "size")


@pytest.fixture(scope="module")
def iris(training: Served) -> dict[str, Any]:
    """Four columns of numbers."""
    return train(training, **SMALL, dataset={"kind": "iris"})


@pytest.fixture(scope="module")
def wide(training: Served) -> dict[str, Any]:
    """A network with more units than are drawn."""
    layer = {"kind": "dense", "units": UNITS, "activation": "tanh"}
    data = {"kind": "two_moons", "samples": 100}
    return train(training, **SMALL | {"dataset": data, "network": {"layers": [layer]}})


@pytest.fixture(scope="module")
def folded(training: Served) -> dict[str, Any]:
    data = {"kind": "two_moons", "samples": 100, "noise": 0.3}
    validation = {"kind": "k_fold", "folds": 3}
    return train(training, **SMALL, dataset=data, validation=validation)


def curves_of(page: Page) -> Locator:
    return page.get_by_role("img", name=re.compile(f"^Predictions over x at .* {ROWS} rows"))


def said(page: Page) -> str:
    return page.locator(".run-reading strong").inner_text()


def test_a_number_is_drawn_over_the_only_column(
    training: Served, wave: dict[str, Any], visit: Visits
) -> None:
    page = visit(f"#/runs/{wave['id']}?tab=answers")
    curves = curves_of(page)
    expect(curves.locator(".plot-dot")).to_have_count(ROWS)
    expect(curves.locator(".plot-line")).to_have_count(1)
    curves.press("ArrowRight")
    expect(page.locator(".run-reading")).to_have_text(re.compile("^x .+: "))
    path = f"/v1/models/{wave['model_id']}/predictions"
    answer = training.client.post(path, json={"records": [{"x": 0}]}).json()
    assert float(said(page)) == pytest.approx(answer["predictions"][0], abs=1e-3)
    best = curves.locator(".plot-line").get_attribute("d") or ""
    page.get_by_label("Checkpoint").fill("0")
    expect(curves).to_have_attribute("data-epoch", "10")
    expect(curves.locator(".plot-line")).not_to_have_attribute("d", best)


def test_the_curve_stands_beside_those_of_the_loss(wave: dict[str, Any], visit: Visits) -> None:
    page = visit(f"#/runs/{wave['id']}")
    expect(curves_of(page)).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^loss of epochs"))).to_be_visible()


def test_classes_are_drawn_over_the_only_column(
    training: Served, sizes: dict[str, Any], visit: Visits
) -> None:
    page = visit(f"#/runs/{sizes['id']}?tab=answers")
    curves = curves_of(page)
    expect(curves.locator(".plot-line")).to_have_count(3)
    expect(curves.locator(".plot-dot")).to_have_count(ROWS)
    curves.press("ArrowLeft")
    expect(page.locator(".run-reading")).to_have_text(re.compile(r"^x 2\.95: "))
    path = f"/v1/models/{sizes['model_id']}/predictions"
    answer = training.client.post(path, json={"records": [{"x": 2.95}]}).json()
    chance = max(answer["probabilities"][0])
    assert said(page).startswith(f"{answer['predictions'][0]} {100 * chance:.1f} %")


def test_answers_are_drawn_over_the_principal_components(
    training: Served, iris: dict[str, Any], visit: Visits
) -> None:
    page = visit(f"#/runs/{iris['id']}?tab=answers")
    expect(page.get_by_label("Across")).to_be_visible()
    with page.expect_request(re.compile("/predictions")) as asked:
        page.get_by_role("combobox", name="Over").select_option("principal components")
    expect(page.get_by_label("Across")).to_be_hidden()
    page.wait_for_url(re.compile("plane=principal"))
    model = training.client.get(f"/v1/models/{iris['model_id']}").json()
    columns = [each["name"] for each in model["inputs"]]
    rows = training.client.get(f"/v1/datasets/{iris['dataset']['id']}/rows?limit=200").json()[
        "data"
    ]
    x = np.array([[row[name] for name in columns] for row in rows])
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    known = PCA(2).fit((x - mean) / deviation)
    first, second = (f"{100 * share:.0f}" for share in known.explained_variance_ratio_)
    label = rf"component 1 \({first} % .* component 2 \({second} % .* 150 rows"
    expect(page.locator("canvas.run-map")).to_have_attribute("aria-label", re.compile(label))
    body: Any = asked.value.post_data_json
    asked_rows = (np.array(body["rows"]) - mean) / deviation
    within = asked_rows @ known.components_.T @ known.components_
    assert np.allclose(within, asked_rows, atol=0.02), "every place lies on the plane"
    reach = (asked_rows @ known.components_.T).max(axis=0)
    assert (reach > known.transform((x - mean) / deviation).max(axis=0) - 0.02).all()
    page.reload()
    expect(page.get_by_role("combobox", name="Over")).to_have_value("principal components")


def test_a_large_layer_is_gone_along(training: Served, wide: dict[str, Any], visit: Visits) -> None:
    page = visit(f"#/runs/{wide['id']}?tab=network")
    network = page.get_by_role("img", name=re.compile("^The network"))
    expect(page.locator(".net-node")).to_have_count(2 + 12 + 1)
    path = f"/v1/models/{wide['model_id']}/trace"
    records = training.client.get(f"/v1/datasets/{wide['dataset']['id']}/rows?limit=1").json()
    body = {"records": records["data"], "corner": UNITS}
    layer = training.client.post(path, json=body).json()["layers"][0]
    slider = page.get_by_label("Units of Layer 1, tanh")
    slider.fill("20")
    page.wait_for_url(re.compile("units=layers.0%3A20"))
    network.press("ArrowRight")
    reading = page.locator(".run-net-reading")
    expect(reading).to_contain_text(told(layer, 20))
    network.press("ArrowUp")
    expect(reading).to_contain_text(told(layer, 19))
    page.wait_for_url(re.compile("units=layers.0%3A19"))
    page.reload()
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^20.31 of 40$"))
    page.get_by_role("button", name="Strongest first").click()
    page.wait_for_url(re.compile("strongest=1"))
    order = np.argsort(-np.linalg.norm(layer["parameters"]["W"]["values"], axis=1))
    slider.fill("0")
    network.press("ArrowRight")
    expect(reading).to_contain_text(told(layer, order[0]))


def told(layer: dict[str, Any], unit: int) -> re.Pattern[str]:
    """What the drawing says of a unit."""
    bias = float(f"{layer['parameters']['b']['values'][unit]:.4g}")
    return re.compile(rf"unit {unit + 1}:.* bias {bias:g}\b")


def test_a_cross_validation_is_judged_on_all_rows(
    training: Served, folded: dict[str, Any], visit: Visits
) -> None:
    page = visit(f"#/runs/{folded['id']}?tab=evaluation")
    where = f"/v1/jobs/{folded['id']}/out_of_fold/evaluation"
    matrix = training.client.get(where).json()["scores"]["confusion_matrix"]
    cells = page.locator(".run-confusion td.number")
    expect(cells).to_have_text([str(each) for row in matrix for each in row])
    expect(page.get_by_text("3 of 3 folds have ended")).to_be_visible()
    chosen = page.get_by_role("button", name="Rows out of fold")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Checkpoint")).to_be_hidden()
    page.get_by_role("button", name="Rows trained on").click()
    page.wait_for_url(re.compile("part=train"))
    expect(chosen).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_text("folds have ended")).to_be_hidden()
    expect(page.get_by_label("Checkpoint")).to_be_visible()


@pytest.mark.parametrize(
    ("run", "tab"),
    [("wave", "answers"), ("sizes", "answers"), ("wide", "network"), ("folded", "evaluation")],
)
def test_everybody_can_use_it(
    run: str, tab: str, request: pytest.FixtureRequest, visit: Visits
) -> None:
    job = request.getfixturevalue(run)
    page = visit(f"#/runs/{job['id']}?tab={tab}", width=375, theme="dark")
    page.wait_for_load_state("networkidle")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
