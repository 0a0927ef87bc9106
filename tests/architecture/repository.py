"""The repository as the architecture tests see it."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("engine", "service", "trainyard")


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def pyproject() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def text_files() -> list[Path]:
    """Everything a person wrote: no environments, no caches, no built or installed files."""
    kept = {".py", ".md", ".toml", ".yml", ".yaml", ".lock", ".json", ".js", ".html", ".css", ""}
    hidden = {".ci", ".gitignore", ".dockerignore"}
    made = {"__pycache__", "build", "dist", "node_modules"}
    return sorted(
        path
        for top in ROOT.iterdir()
        if not top.name.startswith(".") or top.name in hidden
        for path in ([top] if top.is_file() else top.rglob("*"))
        if path.is_file() and path.suffix in kept and made.isdisjoint(path.relative_to(ROOT).parts)
    )
