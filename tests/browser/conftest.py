"""A real browser on a real service.

``visit`` opens the dashboard and gives a Playwright page: ``visit("#/runs", width=375)``. When the
test ends, every page must have been quiet: no error in the console, none thrown, nothing that the
content security policy refused. ``screenshot`` keeps what a page looks like in ``screenshots/``.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.plugins.browsers import TIMEOUT, Theme, Visits, browser, chromium, playwright
from tests.plugins.servers import Served

__all__ = ["TIMEOUT", "Theme", "Visits", "browser", "chromium", "playwright"]

SCREENSHOTS = Path(__file__).parent / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def visit(browser: Browser, training: Served) -> Iterator[Visits]:
    """Opens pages of a service that trains."""
    visits = Visits(browser, training.url)
    yield visits
    visits.close()
    assert visits.complaints == []


@pytest.fixture(scope="session")
def screenshot() -> Callable[[Page, str], None]:
    """Keeps what a page looks like, for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return take
