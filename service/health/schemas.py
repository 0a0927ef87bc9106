"""How the service is."""

from typing import Literal

from service.http.schemas import ResponseBody


class Health(ResponseBody):
    """The service answers."""

    status: Literal["ok"]


class Readiness(ResponseBody):
    """The service can do its work."""

    status: Literal["ok"]
    version: str
    """The version of the service."""
    database: str
    """What the database is: `sqlite` or `postgresql`."""
