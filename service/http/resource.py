"""What all routers share."""

from fastapi import APIRouter
from fastapi.routing import APIRoute

from service.http.routing import StrictRoute

__all__ = ["Resource", "operation_id"]


class Resource(APIRouter):
    """The operations of one resource: strict about requests, each known by its function's name."""

    def __init__(self, prefix: str, tag: str) -> None:
        super().__init__(
            prefix=prefix,
            tags=[tag],
            route_class=StrictRoute,
            generate_unique_id_function=operation_id,
        )


def operation_id(route: APIRoute) -> str:
    """The name of an operation in the OpenAPI document."""
    return route.name
