"""The page in one HTML file, in a browser: it follows a training by a service of another origin."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr

from service.settings import Settings
from tests.examples.conftest import files_served
from tests.plugins.browsers import Visits
from tests.plugins.servers import serving

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parents[2] / "examples/page"
KEY = "a-key-for-the-page"
WIDTH, HEIGHT = 640, 320
MANY = 8_000
"""Epochs of some seconds in all: time to be interrupted in the middle."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with files_served(FOLDER) as address:
        yield address


@pytest.fixture
def visit(browser: Browser, origin: str) -> Iterator[Visits]:
    visits = Visits(browser, origin)
    yield visits
    visits.close()
    assert visits.complaints == []


@pytest.fixture
def settings(origin: str, tmp_path: Path) -> Settings:
    """A service with a key that lets the page in."""
    return Settings(
        data_dir=tmp_path / "data", slots=1, api_keys=(SecretStr(KEY),), cors_origins=(origin,)
    )


def train(page: Page, epochs: int, key: str = KEY) -> None:
    page.get_by_label("API key").fill(key)
    page.get_by_label("Epochs").fill(str(epochs))
    page.get_by_role("button", name="Train").click()


def line(page: Page, part: str) -> list[tuple[float, float]]:
    """The points that are drawn."""
    drawn = page.locator(f"polyline.{part}").get_attribute("points") or ""
    pairs = [point.split(",") for point in drawn.split()]
    return [(float(x), float(y)) for x, y in pairs]


def points(epochs: list[dict[str, Any]], part: str) -> list[tuple[float, float]]:
    """Where the losses that the service tells belong: side by side, the greatest at the top."""
    top = max(epoch[each]["loss"] for epoch in epochs for each in ("train", "validation"))
    return [
        (WIDTH * place / len(epochs), HEIGHT * (1 - epoch[part]["loss"] / top))
        for place, epoch in enumerate(epochs)
    ]


def test_it_draws_both_losses_of_every_epoch(
    settings: Settings, migrated_file: Path, visit: Visits
) -> None:
    with serving(settings, migrated_file, worker=True) as service:
        page = visit(f"?service={service.url}")
        train(page, 40)
        expect(page.locator("output")).to_have_text("succeeded after 40 epochs")
        (job,) = service.client.get("/v1/jobs").json()["data"]
        epochs = service.client.get(f"/v1/jobs/{job['id']}/epochs").json()["data"]
        assert len(epochs) == 40
        for part in ("train", "validation"):
            np.testing.assert_allclose(line(page, part), points(epochs, part))


def test_a_restart_of_the_service_costs_it_no_epoch(
    settings: Settings, migrated_file: Path, visit: Visits
) -> None:
    with serving(settings, migrated_file, worker=True) as first:
        port = int(first.url.rpartition(":")[2])
        page = visit(f"?service={first.url}")
        train(page, MANY)
        expect(page.locator("output")).to_have_text(re.compile(r"^epoch [1-9]"))
    with serving(settings, worker=True, port=port) as second:
        expect(page.locator("output")).to_have_text(
            f"succeeded after {MANY} epochs", timeout=120_000
        )
        (job,) = second.client.get("/v1/jobs").json()["data"]
        assert job["attempt"] == 2, "it had ended before the service did"
        assert len(line(page, "train")) == len(line(page, "validation")) == MANY


def test_it_tells_what_the_service_objects_to(
    settings: Settings, migrated_file: Path, visit: Visits
) -> None:
    with serving(settings, migrated_file) as service:
        page = visit(f"?service={service.url}")
        train(page, 40, key="another key")
        refused = service.client.get("/v1/jobs", headers={"Authorization": "Bearer another key"})
        expect(page.locator("output")).to_have_text(refused.json()["detail"])
        with page.expect_response("**/v1/jobs") as answered:
            train(page, 40)
        assert answered.value.status == 202
