"""The tutorial's code runs against a service, and prints what stands below it."""

import io
import math
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from benchmarks import processes
from tests.architecture.repository import ROOT
from trainyard import Client

CHAPTERS = sorted(path for path in (ROOT / "docs/tutorial").glob("*.md") if path.stem != "index")
STEP = re.compile(
    r"^```python\n(?P<code>.*?)^```\n\n```text\n(?P<shown>.*?)^```$", re.MULTILINE | re.DOTALL
)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with processes.trainyard(tmp_path_factory.mktemp("data")) as address:
        yield address


def tells_the_same(printed: str, shown: str) -> bool:
    """The same words, and about the same numbers: many small steps end elsewhere on another CPU."""
    numbers = zip(NUMBER.findall(printed), NUMBER.findall(shown), strict=True)
    return NUMBER.sub("#", printed) == NUMBER.sub("#", shown) and all(
        math.isclose(float(one), float(other), rel_tol=0.5, abs_tol=0.1) for one, other in numbers
    )


def test_every_chapter_is_tested() -> None:
    index = (ROOT / "docs/tutorial/index.md").read_text(encoding="utf-8")
    assert {path.name for path in CHAPTERS} == set(re.findall(r"\((\w+\.md)\)", index))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter(chapter: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINYARD_URL", f"http://{address}")
    text = chapter.read_text(encoding="utf-8")
    steps = list(STEP.finditer(text))
    assert len(steps) == text.count("```python") > 0, "each block needs what it prints below it"
    names: dict[str, object] = {}
    for step in steps:
        output = io.StringIO()
        with redirect_stdout(output):
            exec(compile(step["code"], chapter.name, "exec"), names)
        assert tells_the_same(output.getvalue(), step["shown"]), output.getvalue()
    client = names["client"]
    assert isinstance(client, Client)
    client.close()
