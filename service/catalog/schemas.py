"""The catalogue: every spec there is, described well enough to draw a form from."""

from typing import Any

from service.http.schemas import ResponseBody


class CatalogField(ResponseBody):
    """One hyper-parameter."""

    name: str
    help: str
    """What it does, in a sentence."""
    required: bool
    default: Any
    """The value without one given; null also where it is required."""
    json_schema: dict[str, Any]
    """Type and bounds as JSON Schema."""


class CatalogEntry(ResponseBody):
    """One member of a family, such as the optimizer `adam`."""

    kind: str
    """The word that selects it."""
    summary: str
    description: str
    """The whole documentation, with symbols and the paper, as reStructuredText."""
    equation: str
    """The defining equation in LaTeX; empty where there is none."""
    short_form: bool
    """Whether the word alone may stand for `{"kind": ...}`: every field has a default."""
    fields: list[CatalogField]
    json_schema: dict[str, Any]
    """The whole spec as JSON Schema."""


class Catalog(ResponseBody):
    """Every family of specs with its members."""

    families: dict[str, list[CatalogEntry]]
    recipe: dict[str, Any]
    """The JSON Schema of everything that determines a run besides the data."""
