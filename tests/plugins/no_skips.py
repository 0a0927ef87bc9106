"""Makes a skipped test a failure where nothing may be skipped.

With TRAINYARD_NO_SKIPS=1 (continuous integration) every service that a test may need is there,
so a skip means that something went untested unnoticed. Anywhere else a skip stays a skip.
"""

import os
from collections.abc import Generator
from typing import Any

import pytest

NO_SKIPS = os.environ.get("TRAINYARD_NO_SKIPS") == "1"


def _refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure; an expected failure is reported as skipped too, and stays."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Skipped where TRAINYARD_NO_SKIPS=1 allows no skip: {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, Any, pytest.TestReport]:
    report: pytest.TestReport = yield
    if NO_SKIPS:
        _refuse(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, Any, pytest.CollectReport]:
    report: pytest.CollectReport = yield
    if NO_SKIPS:
        _refuse(report)
    return report
