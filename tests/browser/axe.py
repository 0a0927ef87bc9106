"""axe-core: what keeps people out who use a keyboard, a screen reader or large letters."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

SOURCE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
async () => (await axe.run(document, { resultTypes: ["violations"] })).violations.flatMap(
  ({ id, impact, nodes }) => nodes.map(({ target, failureSummary }) =>
    ({ id, impact, target: target.join(" "), failureSummary })))
"""


def serious(page: Page) -> list[str]:
    """What axe finds to be serious or worse in a page, one line each."""
    if not SOURCE.is_file():
        pytest.skip("axe-core is not installed: npm ci --prefix tests/browser")
    page.evaluate(SOURCE.read_text(encoding="utf-8"))
    return [
        f"{found['id']} at {found['target']}: {found['failureSummary']}"
        for found in page.evaluate(RUN)
        if found["impact"] in {"serious", "critical"}
    ]
