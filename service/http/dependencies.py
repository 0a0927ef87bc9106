"""What routes of every resource ask for: parts of the application, ids that can exist, pages."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Request
from pydantic import AfterValidator, Field

from service.database.sessions import Database
from service.http.errors import NotFound
from service.http.stream_tokens import StreamTokens
from service.settings import Settings

__all__ = [
    "After",
    "AtEpoch",
    "Cursor",
    "DatabaseDep",
    "DatasetId",
    "EpochNumber",
    "JobId",
    "Limit",
    "ModelId",
    "SettingsDep",
    "StreamTokensDep",
    "from_state",
]


def from_state(name: str) -> Any:
    """The dependency on what ``create_app`` has stored as ``app.state.<name>``."""

    async def find(request: Request) -> Any:
        return getattr(request.app.state, name)

    return Depends(find)


DatabaseDep = Annotated[Database, from_state("database")]
SettingsDep = Annotated[Settings, from_state("settings")]
StreamTokensDep = Annotated[StreamTokens, from_state("stream_tokens")]


def _identifier(prefix: str, thing: str) -> Callable[[str], str]:
    """A check that answers 404 to what cannot be an id, before it reaches the database."""
    form = re.compile(rf"{prefix}_[0-9A-Z]{{26}}")

    def check(value: str) -> str:
        if form.fullmatch(value) is None:
            raise NotFound(f"There is no {thing} {value[:60]!r}.")
        return value

    return check


DatasetId = Annotated[
    str,
    Path(description="The id of a dataset.", examples=["ds_01JD3W8YQ4N9T5V7Z2X6C1B0MA"]),
    AfterValidator(_identifier("ds", "dataset")),
]
JobId = Annotated[
    str,
    Path(description="The id of a job.", examples=["job_01JD3W8YQ4N9T5V7Z2X6C1B0MA"]),
    AfterValidator(_identifier("job", "job")),
]
ModelId = Annotated[
    str,
    Path(description="The id of a model.", examples=["mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA"]),
    AfterValidator(_identifier("mdl", "model")),
]
EpochNumber = Annotated[int, Path(ge=0, le=10**9, description="After how many epochs.")]
Limit = Annotated[int, Query(ge=1, le=200, description="Maximum number of items to return.")]
After = Annotated[int, Query(ge=0, le=2**31 - 1, description="Only what has a larger `seq`.")]
AtEpoch = Annotated[
    Annotated[int, Field(ge=0, le=10**9)] | Literal["last"] | None,
    Query(
        description="Take the model after this epoch, or as it is in the `last` checkpoint, also "
        "in the middle of an epoch; by default the best one."
    ),
]
Cursor = Annotated[
    str | None,
    Query(
        pattern=r"^[a-z]{2,3}_[0-9A-Z]{26}$",
        description="`next_cursor` of the page before; without it: the first page.",
    ),
]
