"""The view of one run: live, steered, looked into."""

import csv
import json
import math
import re
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET

import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from safetensors.numpy import load
from sklearn.metrics import roc_auc_score

from service.database.sessions import Database
from service.epochs import repository as epochs
from service.lifecycle import leases
from service.settings import Settings
from service.vocabulary import JobStatus
from tests.browser.axe import serious
from tests.browser.conftest import TIMEOUT, Visits
from tests.plugins.servers import Served, serving
from tests.service import stored
from tests.service.ended import train
from trainyard import Client

expect.set_options(timeout=TIMEOUT)

MOONS: dict[str, Any] = {
    "dataset": {"kind": "two_moons", "samples": 400, "noise": 0.15},
    "network": {"layers": [{"kind": "dense", "units": 6, "activation": "tanh"}]},
    "optimizer": {"kind": "adam", "learning_rate": 0.05},
    "training": {"epochs": 40, "seed": 7},
    "checkpoints": {"every": 5, "keep": 8},
}
LONG: dict[str, Any] = MOONS | {
    "dataset": {"kind": "two_moons", "samples": 4000},
    "network": {"layers": [{"kind": "dense", "units": 64}, {"kind": "dense", "units": 64}]},
    "training": {"epochs": 100_000, "seed": 7, "batch_size": 32},
}
MANY_EPOCHS = 100_000
MODULES = "/assets/js/views/run"


@pytest.fixture(scope="module")
def moons(training: Served) -> dict[str, Any]:
    """A run that has ended, with a state of every fifth epoch."""
    return train(training, name="two moons", **MOONS)


def begin(client: httpx.Client, **members: Any) -> str:
    answer = client.post("/v1/jobs", json=members)
    assert answer.status_code == 202, answer.text
    name: str = answer.json()["id"]
    return name


def figure(page: Page, metric: str = "loss") -> Locator:
    """The chart of a metric, which says what it shows."""
    return page.get_by_role("img", name=re.compile(f"^{metric} of epochs"))


def drawn_epochs(page: Page) -> tuple[int, int, int]:
    """The first and the last epoch that the chart of the loss shows, and by how many points."""
    told = figure(page).get_attribute("aria-label") or ""
    found = re.search(r"epochs ([\d,]+) to ([\d,]+), drawn by ([\d,]+) points", told)
    assert found is not None, told
    first, last, points = (int(each.replace(",", "")) for each in found.groups())
    return first, last, points


def drag(page: Page, start: float, end: float) -> None:
    """Over a part of the chart of the loss, from and to a part of its width."""
    box = figure(page).locator(".u-over").bounding_box()
    assert box is not None
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], height)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], height, steps=5)
    page.mouse.up()


def colours(canvas: Locator, places: list[tuple[float, float]]) -> list[list[int]]:
    """The colours of a canvas at places that are parts of its width and height."""
    found: list[list[int]] = canvas.evaluate(
        """(canvas, places) => {
             const copy = new OffscreenCanvas(canvas.width, canvas.height);
             const context = copy.getContext("2d", { willReadFrequently: true });
             context.drawImage(canvas, 0, 0);
             return places.map(([x, y]) => {
               const at = [Math.round(x * canvas.width), Math.round(y * canvas.height)];
               return [...context.getImageData(...at, 1, 1).data];
             });
           }""",
        places,
    )
    return found


def test_a_run_is_steered_by_the_keyboard_alone(training: Served, visit: Visits) -> None:
    job = begin(training.client, name="long", **LONG)
    page = visit(f"#/runs/{job}")
    expect(page.locator("[data-figure=epoch]")).to_have_text(re.compile(r"^[1-9]"))
    page.get_by_role("button", name="Pause").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Resume")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".status")).to_have_text("paused")
    expect(page.get_by_role("button", name="One epoch")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".status")).to_have_text("cancelled")


def test_a_run_is_watched_paused_stepped_resumed_and_cancelled(
    training: Served, visit: Visits
) -> None:
    job = begin(training.client, name="long", **LONG)
    page = visit(f"#/runs/{job}")
    status, epoch = page.locator(".status"), page.locator("[data-figure=epoch]")
    expect(status).to_have_text("running")
    expect(epoch).to_have_text(re.compile(r"^[1-9]"))
    expect(page.get_by_role("heading", name="long")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(status).to_have_text("paused")
    before = training.client.get(f"/v1/jobs/{job}").json()["progress"]["epoch"]
    expect(epoch).to_have_text(f"{before:,} / 100,000")
    page.get_by_role("button", name="One epoch").click()
    expect(epoch).to_have_text(f"{before + 1:,} / 100,000")
    expect(status).to_have_text("paused")
    assert drawn_epochs(page) == (1, before + 1, before + 1)
    page.get_by_role("button", name="Resume").click()
    expect(status).to_have_text("running")
    page.get_by_role("button", name="Cancel").click()
    expect(status).to_have_text("cancelled")
    expect(page.get_by_role("group", name="Control the run").get_by_role("button")).to_have_count(0)


def test_a_lost_connection_shows_and_misses_nothing(
    browser: Any, migrated_file: Path, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path / "data", slots=1)
    spec = LONG | {"training": {"epochs": 300, "seed": 1, "batch_size": 16}}
    with serving(settings, migrated_file, worker=True) as first:
        port = int(first.url.rpartition(":")[2])
        job = begin(first.client, **spec)
        page = Visits(browser, first.url)(f"#/runs/{job}")
        expect(figure(page)).to_be_visible()
    lost = page.get_by_text("Connection lost")
    expect(lost).to_be_visible()
    with serving(settings, worker=True, port=port):
        expect(page.locator(".status")).to_have_text("succeeded", timeout=120_000)
        expect(lost).to_be_hidden()
        expect(figure(page)).to_have_attribute(
            "aria-label", re.compile("epochs 1 to 300, drawn by 300 points")
        )
        page.context.close()


def test_the_address_holds_how_curves_are_looked_at(moons: dict[str, Any], visit: Visits) -> None:
    page = visit(f"#/runs/{moons['id']}")
    expect(figure(page)).to_be_visible()
    assert drawn_epochs(page) == (1, 40, 40)
    expect(figure(page, "accuracy")).to_be_visible()
    page.get_by_label("Smoothing").fill("0.9")
    page.get_by_role("button", name="Logarithmic").click()
    drag(page, 0.3, 0.7)
    expect(page.get_by_role("button", name="Whole run")).to_be_visible()
    first, last, near = drawn_epochs(page)
    assert 10 < near == last - first + 1 < 25, "of 40 epochs, about four tenths"
    figure(page).press("-")
    expect(figure(page)).not_to_have_accessible_name(re.compile(f"by {near} points"))
    for part in ("smoothing=0.9", "log=1", "epochs="):
        page.wait_for_url(re.compile(re.escape(part)))
    page.reload()
    expect(page.get_by_label("Smoothing")).to_have_value("0.9")
    pressed = page.get_by_role("button", name="Logarithmic")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Whole run").click()
    expect(page.get_by_role("button", name="Whole run")).to_be_hidden()


def test_the_boundary_of_two_moons_is_drawn_and_scrubbed(
    moons: dict[str, Any], visit: Visits
) -> None:
    page = visit(f"#/runs/{moons['id']}?tab=answers")
    canvas = page.locator("canvas.run-map")
    expect(canvas).to_have_attribute(
        "aria-label", re.compile("Predictions over x1 and x2.*400 rows")
    )
    upper, lower = colours(canvas, [(0.2, 0.05), (0.8, 0.85)])
    assert upper[3] == lower[3] == 255
    assert upper[2] > upper[0] + 10, "the first class is blue"
    assert lower[0] > lower[2] + 10, "the second one is orange"
    page.get_by_label("Checkpoint").fill("0")
    page.wait_for_url(re.compile(r"epoch=\d"))
    epoch = re.search(r"epoch=(\d+)", page.url)
    assert epoch is not None
    expect(canvas).to_have_attribute("data-epoch", epoch[1])
    expect(page.get_by_text(f"epoch {epoch[1]}", exact=True)).to_be_visible()


def test_the_network_is_drawn_with_its_numbers(
    training: Served, moons: dict[str, Any], visit: Visits
) -> None:
    page = visit(f"#/runs/{moons['id']}?tab=network")
    expect(page.locator(".net-node")).to_have_count(2 + 6 + 1)
    expect(page.locator(".net-edge")).to_have_count(2 * 6 + 6 * 1)
    expect(page.locator(".net-image")).to_have_count(2 + 6 + 1)
    page.get_by_role("img", name=re.compile("^The network")).press("ArrowRight")
    rows = training.client.get(f"/v1/datasets/{moons['dataset']['id']}/rows?limit=1").json()["data"]
    path = f"/v1/models/{moons['model_id']}/trace"
    layer = training.client.post(path, json={"records": rows}).json()["layers"][0]
    bias = float(f"{layer['parameters']['b']['values'][0]:.4g}")
    expect(page.get_by_text(f"bias {bias:g}")).to_be_visible()


def test_a_classifier_is_evaluated(training: Served, moons: dict[str, Any], visit: Visits) -> None:
    page = visit(f"#/runs/{moons['id']}?tab=evaluation")
    path = f"/v1/models/{moons['model_id']}/evaluations"
    told = training.client.post(path, json={"answers": 10_000}).json()
    cells = page.locator(".run-confusion td.number")
    expect(cells).to_have_text(
        [str(each) for row in told["scores"]["confusion_matrix"] for each in row]
    )
    answers = told["answers"]
    area = roc_auc_score(answers["truth"], np.array(answers["probabilities"])[:, 1])
    expect(page.get_by_role("img", name=f"ROC curves. Areas: 1: {area:.3f}.")).to_be_visible()


def test_a_regression_shows_its_residuals(training: Served, visit: Visits) -> None:
    job = train(training, dataset="diabetes", training={"epochs": 5, "seed": 1})
    page = visit(f"#/runs/{job['id']}?tab=evaluation")
    name = re.compile(r"Residuals of target by prediction, 88 rows")
    expect(page.get_by_role("img", name=name).locator("circle")).to_have_count(88)


def test_sliders_ask_the_model(training: Served, moons: dict[str, Any], visit: Visits) -> None:
    page = visit(f"#/runs/{moons['id']}?tab=predict")
    path = f"/v1/models/{moons['model_id']}/predictions"
    said = []
    for x1, x2 in ((0, 1), (1, -0.5)):
        for name, value in (("x1", x1), ("x2", x2)):
            slider = page.get_by_label(name)
            slider.evaluate(
                "(input, value) => { input.value = value;"
                " input.dispatchEvent(new Event('input', {bubbles: true})); }",
                value,
            )
        row = {name: float(page.get_by_label(name).input_value()) for name in ("x1", "x2")}
        answer = training.client.post(path, json={"records": [row]}).json()
        expect(page.locator(".run-big")).to_have_text(str(answer["predictions"][0]))
        parts = [f"{100 * part:.1f} %" for part in answer["probabilities"][0]]
        expect(page.locator(".run-bars dd")).to_have_text(parts)
        said.append(answer["predictions"][0])
    assert said == [0, 1]


def test_what_is_known_is_saved_as_files(
    training: Served, moons: dict[str, Any], visit: Visits, tmp_path: Path
) -> None:
    page = visit(f"#/runs/{moons['id']}?tab=exports")
    rows = list(csv.DictReader(saved(page, "Save curves").decode().splitlines()))
    known = training.client.get(f"/v1/jobs/{moons['id']}/epochs").json()["data"]
    assert [float(row["validation_loss"]) for row in rows] == [
        row["validation"]["loss"] for row in known
    ]
    file = tmp_path / "curves.csv"
    with Client(training.url) as client:
        client.jobs.export_curves(moons["id"], file)
    same = list(csv.DictReader(file.read_text().splitlines()))
    assert [*rows[0]] == [*same[0]]
    assert [[*map(float, row.values())] for row in rows] == [
        [*map(float, row.values())] for row in same
    ]
    assert load(saved(page, "Save weights"))["layers.0.weight"].shape == (6, 2)
    assert json.loads(saved(page, "Save run"))["spec"]["training"]["seed"] == 7
    page.get_by_role("tab", name="Curves").click()
    expect(figure(page)).to_be_visible()
    assert saved(page, "Save loss as PNG").startswith(b"\x89PNG")
    drawing = ET.fromstring(saved(page, "Save loss as SVG"))
    assert len(drawing.findall("{http://www.w3.org/2000/svg}path")) == 2
    words = [text.text or "" for text in drawing.findall("{http://www.w3.org/2000/svg}text")]
    assert f"best {moons['best']['epoch']}" in words


def saved(page: Page, button: str) -> bytes:
    """The file that a button saves."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return Path(download.value.path()).read_bytes()


def test_a_hundred_thousand_epochs_are_drawn_and_looked_into(served: Served, visit: Visits) -> None:
    data = served.client.post("/v1/datasets", json={"builtin": "diabetes"}).json()["id"]
    with Database(served.settings.resolved_database_url).write() as session:
        job = stored.add_job(session, dataset_id=data, epochs=MANY_EPOCHS).id
        lease = stored.claim(session)
        rows = [stored.epoch(n, 1 + math.sin(n / 9) / n) for n in range(1, MANY_EPOCHS + 1)]
        epochs.append(session, lease, rows, stored.PROGRESS)
        leases.finish(session, lease, JobStatus.SUCCEEDED, reason="completed")
    page = visit(f"#/runs/{job}", url=served.url)
    expect(figure(page)).to_be_visible()
    first, last, points = drawn_epochs(page)
    assert (first, last) == (1, MANY_EPOCHS)
    assert 500 < points <= 2000
    page = visit(f"#/runs/{job}?epochs=40000-40100", url=served.url)
    closer = re.compile("epochs 40,000 to 40,100, drawn by 101 points")
    expect(figure(page)).to_have_accessible_name(closer)
    with page.expect_response(re.compile("before=")) as answered:
        page.goto(f"{served.url}/#/runs/{job}?epochs=40000-48000")
    part = answered.value.json()["data"]
    assert 500 < len(part) <= 2000
    assert 39_000 < part[0]["epoch"] <= 40_000
    assert 48_000 <= part[-1]["epoch"] < 49_000
    expect(figure(page)).to_have_accessible_name(re.compile(r"drawn by [\d,]{3,5} points"))


def test_a_run_that_diverged_says_why(training: Served, visit: Visits) -> None:
    job = begin(
        training.client,
        dataset="diabetes",
        optimizer={"kind": "sgd", "learning_rate": 1000},
        training={"epochs": 200, "seed": 1},
    )
    page = visit(f"#/runs/{job}")
    expect(page.get_by_role("alert")).to_contain_text("It failed: diverged")


def test_layers_are_shown_where_they_are_measured(
    training: Served, moons: dict[str, Any], visit: Visits
) -> None:
    job = train(training, **MOONS, diagnostics={"every": 4})
    page = visit(f"#/runs/{job['id']}?tab=layers")
    expect(page.get_by_role("img", name="gradients of layers.0 by epoch")).to_be_visible()
    page = visit(f"#/runs/{moons['id']}?tab=layers")
    expect(page.get_by_text('"diagnostics"')).to_be_visible()


@pytest.mark.parametrize(
    "tab", ["curves", "answers", "network", "evaluation", "predict", "layers", "exports"]
)
def test_everybody_can_use_it(tab: str, moons: dict[str, Any], visit: Visits) -> None:
    theme: Literal["light", "dark"] = "dark" if tab in {"curves", "evaluation"} else "light"
    page = visit(f"#/runs/{moons['id']}?tab={tab}", width=375, theme=theme)
    page.wait_for_load_state("networkidle")
    assert serious(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 375, "nothing is wider than the screen"


def test_curves_grow_without_jumping(visit: Visits, moons: dict[str, Any]) -> None:
    """Thinning as they arrive keeps the rows that thinning at once would."""
    page = visit(f"#/runs/{moons['id']}")
    generator = np.random.default_rng(5)
    losses = generator.normal(size=3000).tolist()
    found = page.evaluate(
        f"""async (losses) => {{
          const {{ Epochs, thin }} = await import("{MODULES}/epochs.js");
          const rows = losses.map((loss, place) => ({{
            seq: 2 * place + 1, epoch: place + 1, train: {{ loss }}, validation: null,
            non_finite: null,
          }}));
          const grown = new Epochs(500);
          for (let place = 0; place < rows.length; place += 7) {{
            grown.add(rows.slice(Math.max(0, place - 3), place + 7));  // some come twice
          }}
          return {{
            kept: grown.rows.map((row) => row.epoch),
            grown: thin(grown.rows, grown.size).map((row) => row.epoch),
            once: thin(rows, grown.size).map((row) => row.epoch),
          }};
        }}""",
        losses,
    )
    assert found["grown"] == found["once"]
    assert len(found["kept"]) <= 500
    kept = set(found["kept"])
    assert {1, 3000, 1 + int(np.argmin(losses)), 1 + int(np.argmax(losses))} <= kept
