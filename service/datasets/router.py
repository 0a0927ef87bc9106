"""Datasets: made from files, rows or built-in data, looked at, deleted."""

import hashlib
from typing import Annotated

from fastapi import Body, Query, Request, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from service.datasets import repository as datasets
from service.datasets import service as datasets_service
from service.datasets.dependencies import StorageDep
from service.datasets.schemas import (
    IMAGE_PATTERN,
    Dataset,
    DatasetCreate,
    DatasetPage,
    DatasetPreview,
    RowPage,
    UploadFields,
)
from service.datasets.serializers import serialize_dataset
from service.datasets.storage import Storage
from service.datasets.stored import preview
from service.http.bodies import is_json, parse_json, validated
from service.http.dependencies import Cursor, DatabaseDep, DatasetId, Limit, SettingsDep
from service.http.errors import Conflict, Invalid, NotFound, UnsupportedMedia, problem_responses
from service.http.resource import Resource
from service.http.schemas import respond, response_headers
from service.idempotency.service import Change, IdempotentRequest, OncePerKey
from service.settings import Settings

router = Resource("/v1/datasets", "Datasets")

MAX_FIELDS = 110
"""Of a form: a hundred targets, and what else there is to say."""

_FORM = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "CSV, TSV, JSON, JSON Lines, Parquet, Arrow or NPZ; which, its content "
            "says, not its name.",
        },
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "target": {
            "type": "string",
            "minLength": 1,
            "maxLength": 200,
            "description": "The column to predict; sent several times, for several of them.",
        },
        "task": {"enum": ["classification", "regression"]},
        "image": {
            "type": "string",
            "pattern": IMAGE_PATTERN,
            "description": "That rows are images, as width x height x channels: `28x28`, `32x32x3`."
            " Arrays of three or four dimensions in an NPZ file need not say so.",
        },
    },
}
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/DatasetCreate"},
            "examples": {
                "built-in": {"value": {"builtin": "digits"}},
                "generated": {"value": {"builtin": {"kind": "two_moons", "samples": 500}}},
                "rows": {
                    "value": {
                        "records": [{"hours": 1.5, "passed": False}, {"hours": 6, "passed": True}],
                        "target": "passed",
                    }
                },
            },
        },
        "multipart/form-data": {"schema": _FORM},
    },
}


@router.post(
    "",
    status_code=201,
    summary="Create a dataset",
    response_model=Dataset,
    responses=problem_responses(Conflict)
    | {
        200: {"model": Dataset, "description": "The dataset existed already; it is returned."},
        201: response_headers("Location"),
    },
    openapi_extra={"requestBody": _BODY},
)
async def create_dataset(
    request: Request, settings: SettingsDep, storage: StorageDep, once: OncePerKey
) -> Response:
    """From a file (as a form), from rows, or from built-in data (as JSON).

    Datasets never change. The same content with the same target is the same dataset: sent again,
    it is answered with 200 instead of 201.
    """
    kind = request.headers.get("content-type", "")
    if is_json(kind):
        content = parse_json(await request.body(), settings.max_json_depth)
        wanted = validated(DatasetCreate, content)
        return await run_in_threadpool(_from_json, wanted, settings, storage, once)
    if not kind.startswith("multipart/form-data"):
        raise UnsupportedMedia(
            "Send a file as multipart/form-data, or rows and built-in data as application/json."
        )
    async with request.form(max_files=1, max_fields=MAX_FIELDS) as form:
        return await run_in_threadpool(_from_form, form, settings, storage, once)


@router.post("/preview", summary="Preview a dataset", response_model=DatasetPreview)
def preview_dataset(
    body: Annotated[
        DatasetCreate,
        Body(
            openapi_examples={
                "generated": {"value": {"builtin": {"kind": "spirals", "noise": 0.3}}}
            }
        ),
    ],
    settings: SettingsDep,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many rows to give at most.")] = 20,
) -> Response:
    """Rows or built-in data as a dataset would have them, without keeping one."""
    given = datasets_service.from_request(body, datasets_service.limits(settings))
    return respond(datasets_service.preview(given, limit))


@router.get("", summary="List datasets", response_model=DatasetPage)
def list_datasets(database: DatabaseDep, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Newest first."""
    with database.read() as session:
        page = datasets.page(session, limit=limit, cursor=cursor)
        data = [serialize_dataset(row) for row in page.items]
    return respond(DatasetPage(data=data, next_cursor=page.next_cursor))


@router.get(
    "/{dataset_id}",
    summary="Look at a dataset",
    response_model=Dataset,
    responses=problem_responses(NotFound),
)
def get_dataset(dataset_id: DatasetId, database: DatabaseDep) -> Response:
    """Its columns with their statistics, and what there is to learn."""
    with database.read() as session:
        return respond(serialize_dataset(datasets.get(session, dataset_id)))


@router.get(
    "/{dataset_id}/rows",
    summary="Look at rows of a dataset",
    response_model=RowPage,
    responses=problem_responses(NotFound),
)
def list_rows(
    dataset_id: DatasetId,
    database: DatabaseDep,
    storage: StorageDep,
    offset: Annotated[int, Query(ge=0, le=2**53, description="The first row to give.")] = 0,
    limit: Annotated[
        int, Query(ge=1, le=1000, description="Maximum number of items to return.")
    ] = 20,
) -> Response:
    """As they are stored: before any preprocessing, missing values as null."""
    with database.read() as session:
        dataset = datasets.get(session, dataset_id)
    rows = preview(storage, dataset.storage_key, offset, limit)
    return respond(RowPage(data=rows, offset=offset, total=dataset.rows))


@router.delete(
    "/{dataset_id}",
    status_code=204,
    response_class=Response,
    summary="Delete a dataset",
    responses=problem_responses(NotFound, Conflict),
)
def delete_dataset(dataset_id: DatasetId, database: DatabaseDep, storage: StorageDep) -> None:
    """Jobs that have ended keep its digest. One that a job still needs is not deleted (409)."""
    with database.write() as session:
        key = datasets.delete(session, dataset_id)
    with database.write() as session:
        datasets.hold_content(session, key)
        if not datasets.refers_to(session, key):
            storage.delete(key)


def _from_json(
    wanted: DatasetCreate, settings: Settings, storage: Storage, once: IdempotentRequest
) -> Response:
    most = datasets_service.limits(settings)
    return once.answer(lambda: _making(datasets_service.from_request(wanted, most), storage))


def _from_form(
    form: FormData, settings: Settings, storage: Storage, once: IdempotentRequest
) -> Response:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Invalid.at("/file", "A file is needed.")
    others: dict[str, object] = {name: form[name] for name in form if name != "file"}
    if len(several := form.getlist("target")) > 1:
        del others["target"]
        others["targets"] = several
    fields = validated(UploadFields, others)
    filename = (file.filename or "upload")[:200]
    most = datasets_service.limits(settings)

    def prepare() -> Change:
        return _making(datasets_service.from_file(file.file, filename, fields, most), storage)

    return once.answer(prepare, _digest(file, fields))


def _digest(file: UploadFile, fields: UploadFields) -> str:
    """What tells uploads apart; the body's bytes do not, as they hold a random boundary."""
    digest = hashlib.sha256()
    while part := file.file.read(1 << 20):
        digest.update(part)
    file.file.seek(0)
    digest.update(fields.model_dump_json().encode())
    return digest.hexdigest()


def _making(data: datasets_service.ParsedDataset, storage: Storage) -> Change:
    record = datasets_service.keep(data, storage)

    def change(session: Session) -> Response:
        row, is_new = record(session)
        where = {"Location": f"/v1/datasets/{row.id}"}
        return respond(serialize_dataset(row), 201 if is_new else 200, where)

    return change
