"""The catalogue of every spec there is."""

from fastapi import Response

from service.catalog.schemas import Catalog
from service.catalog.service import catalogue
from service.http.resource import Resource
from service.http.schemas import respond

router = Resource("/v1/catalog", "Catalogue")


@router.get("", summary="List every layer, optimizer, loss and so on", response_model=Catalog)
def get_catalog() -> Response:
    """With bounds, defaults, help and equations: enough to draw a form, or to write a recipe."""
    return respond(catalogue())
