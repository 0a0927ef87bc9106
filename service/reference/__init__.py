"""Writes the reference: what a job can be made of, and what is sent and answered over HTTP.

``python -m service.reference docs/openapi.json docs/reference`` writes all pages anew: those about
specs from the classes, those about HTTP from the OpenAPI document.
"""

from pathlib import Path
from typing import Any

from service.reference import objects, requests, specs

__all__ = ["pages", "write"]


def pages(document: dict[str, Any]) -> dict[str, str]:
    """The text of every page by the name of its file, with those of an OpenAPI document."""
    return {
        **specs.pages(),
        "http.md": requests.page(document),
        "objects.md": objects.page(document),
    }


def write(document: dict[str, Any], folder: Path) -> None:
    """Write all pages, and remove those of families that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages(document)
    for old in folder.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")
