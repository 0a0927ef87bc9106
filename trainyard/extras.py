"""Optional packages: which extra brings them, and what to say where they are missing."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

SERVER = ("alembic", "fastapi", "numba", "numpy", "polars", "pydantic_settings", "sqlalchemy")
"""Modules of the extra "server", of which none is in an installation of the client alone."""


class MissingExtra(ImportError):
    """Something was called that needs an extra which is not installed."""

    def __init__(self, what: str, extra: str, missing: Iterable[str]) -> None:
        super().__init__(
            f"{what} needs packages that are not installed ({', '.join(missing)}): "
            f"pip install 'trainyard[{extra}]'"
        )


class ShadowedPackage(ImportError):
    """A file or folder on the import path hides a package of Trainyard."""

    def __init__(self, name: str, where: str) -> None:
        super().__init__(
            f"{where} hides the package '{name}' of Trainyard from Python: "
            "rename it, or start in another folder"
        )


def require_server(what: str) -> None:
    """Check that the service and the engine can be imported.

    Raises MissingExtra if their packages are not installed, and ShadowedPackage if something
    else on the import path has the name of one of them.
    """
    if missing := [name for name in SERVER if find_spec(name) is None]:
        raise MissingExtra(what, "server", missing)
    root = Path(__file__).resolve().parent.parent
    for name in ("engine", "service"):
        spec = find_spec(name)
        origin = spec.origin if spec else None
        if origin is None or Path(origin).resolve().parent.parent != root:
            locations = list(spec.submodule_search_locations or ()) if spec else []
            raise ShadowedPackage(name, origin or (locations[0] if locations else "The path"))
