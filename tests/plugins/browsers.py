"""A real browser, and pages in it that have to be quiet."""

import os
import shutil
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Theme = Literal["light", "dark"]

TIMEOUT = 30_000
"""Milliseconds for what a page waits for: a machine that is busy is slow, and not wrong."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is."""
    named = os.environ.get("TRAINYARD_TEST_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("There is no Chromium: install it (Debian: apt-get install chromium).")
    return found


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Of a module, not of the session: while it is there, no other event loop may run."""
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    opened = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    yield opened
    opened.close()


class Visits:
    """Pages of a dashboard, and what was wrong in them."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._url = url

    def __call__(
        self,
        address: str = "",
        *,
        width: int = 1280,
        height: int = 900,
        theme: Theme = "light",
        url: str | None = None,
    ) -> Page:
        """A page in a browser that remembers nothing; ``theme`` is what its system prefers."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion="reduce",
            locale="en-GB",
        )
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        page.goto(f"{url or self._url}/{address}")
        return page

    def close(self) -> None:
        for context in self._browser.contexts:
            context.close()

    def _listen(self, message: ConsoleMessage) -> None:
        """The browser itself logs every status of 400 and above: the API's are answers."""
        is_answer = "/v1/" in message.location["url"] and "Failed to load" in message.text
        if message.type in {"error", "warning"} and not is_answer:
            self.complaints.append(f"{message.text} ({message.location['url']})")
