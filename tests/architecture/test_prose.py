"""What is written beside the code: links lead somewhere, no file names a developer's machine."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.repository import ROOT, read, text_files

LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def anchors(page: Path) -> set[str]:
    """The names that a page's headings can be linked by."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for match in LINK.finditer(page.read_text(encoding="utf-8")):
        target, _, anchor = match["target"].partition("#")
        if "://" in target:
            continue
        linked = (page.parent / target) if target else page
        assert linked.exists(), match[0]
        if anchor:
            assert anchor in anchors(linked), match[0]


def test_every_page_is_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = {ROOT / "docs/index.md"}
    while waiting:
        page = waiting.pop()
        reached.add(page)
        links = LINK.finditer(page.read_text(encoding="utf-8"))
        linked = {(page.parent / match["target"].partition("#")[0]).resolve() for match in links}
        waiting |= {path for path in linked if path.suffix == ".md" and path.exists()} - reached
    assert set((ROOT / "docs").rglob("*.md")) - reached == set()


def places(navigation: list[dict[str, Any]]) -> Iterator[str]:
    """The pages in the navigation of the site, section by section."""
    for entry in navigation:
        for page in entry.values():
            yield from [page] if isinstance(page, str) else places(page)


def test_every_page_has_one_place_in_the_site() -> None:
    """All but decisions, which the index lists."""
    placed = sorted(places(tomllib.loads(read("zensical.toml"))["project"]["nav"]))
    pages = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    assert placed == sorted(str(page) for page in pages if page.parts[0] != "decisions")


def test_no_file_names_a_developers_machine() -> None:
    place = re.compile(r"(?<![\w.])/(?:home|Users|root|work)/\w")
    named = [
        str(path.relative_to(ROOT))
        for path in text_files()
        if place.search(path.read_text(encoding="utf-8"))
    ]
    assert named == []
