"""Models: what jobs made, and what was imported."""

import hashlib
from typing import Any

from fastapi import Request, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from engine import InvalidState, Model, tensors
from engine.insight.sparsity import sparsity
from service.http.bodies import is_json, parse_json, validated
from service.http.dependencies import AtEpoch, Cursor, DatabaseDep, Limit, ModelId, SettingsDep
from service.http.errors import Conflict, Invalid, NotFound, UnsupportedMedia, problem_responses
from service.http.resource import Resource
from service.http.schemas import SAFETENSORS_RESPONSE, respond, respond_weights, response_headers
from service.idempotency.service import Change, IdempotentRequest, OncePerKey
from service.models import repository as models
from service.models.definitions import ModelCreate, ModelDefinition
from service.models.dependencies import ModelCacheDep
from service.models.import_export import Import, as_arrays, as_file, parse_model
from service.models.schemas import Model as ModelReply
from service.models.schemas import ModelDetail, ModelPage, Sparsity
from service.models.serializers import serialize_model, serialize_stored_model
from service.settings import Settings

router = Resource("/v1/models", "Models")

_GATE = {
    "name": "and gate",
    "inputs": [{"name": "a"}, {"name": "b"}],
    "target": "both",
    "classes": [False, True],
    "weights": {"output.weight": [[20, 20]], "output.bias": [-30]},
}
_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "Weights in safetensors format, by the names that a model of Trainyard "
            "gives them. One that was downloaded here says itself what else is to be known.",
        },
        "definition": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/ModelDefinition"},
            "description": "What else is to be known, as JSON; instead of what the file says.",
        },
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
    },
}
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/ModelCreate"},
            "examples": {"given weights": {"value": _GATE}},
        },
        "multipart/form-data": {"schema": _FORM},
    },
}


@router.post(
    "",
    status_code=201,
    summary="Import a model",
    response_model=ModelDetail,
    responses=problem_responses(Conflict) | {201: response_headers("Location")},
    openapi_extra={"requestBody": _BODY},
)
async def create_model(request: Request, settings: SettingsDep, once: OncePerKey) -> Response:
    """From weights and what they mean: a safetensors file (as a form), or lists (as JSON).

    It predicts, can be looked into, and jobs can begin with it (`initial`), like a model that was
    trained here.
    """
    kind = request.headers.get("content-type", "")
    if is_json(kind):
        content = parse_json(await request.body(), settings.max_json_depth)
        return await run_in_threadpool(_from_json, content, settings, once)
    if not kind.startswith("multipart/form-data"):
        raise UnsupportedMedia(
            "Send a safetensors file as multipart/form-data, or weights as application/json."
        )
    most = settings.max_body_bytes
    async with request.form(max_files=1, max_fields=2, max_part_size=most) as form:
        return await run_in_threadpool(_from_form, form, settings, once)


@router.get("", summary="List models", response_model=ModelPage)
def list_models(database: DatabaseDep, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Newest first; also those of jobs that still train."""
    with database.read() as session:
        page = models.page(session, limit=limit, cursor=cursor)
        data = [serialize_stored_model(session, row) for row in page.items]
    return respond(ModelPage(data=data, next_cursor=page.next_cursor))


@router.get(
    "/{model_id}",
    summary="Look at a model",
    response_model=ModelDetail,
    responses=problem_responses(NotFound),
)
def get_model(model_id: ModelId, cache: ModelCacheDep) -> Response:
    """What it predicts, from which columns, by which recipe it was made, and what it ignores."""
    ready = cache.find(model_id)
    return respond(_in_detail(serialize_model(ready.row, ready.used), ready.model))


@router.get(
    "/{model_id}/weights",
    summary="Download a model",
    response_class=Response,
    responses=SAFETENSORS_RESPONSE | problem_responses(NotFound),
)
def download_model_weights(
    model_id: ModelId, cache: ModelCacheDep, checkpoint: AtEpoch = None
) -> Response:
    """All parameters and running statistics by name, in safetensors format.

    A dense layer's weight is [outputs, inputs]. The file's metadata hold the recipe, the columns
    and their preprocessing, so that it can be imported as it is.
    """
    ready = cache.find(model_id, checkpoint)
    return respond_weights(as_file(ready), model_id)


@router.delete(
    "/{model_id}",
    status_code=204,
    response_class=Response,
    summary="Delete an imported model",
    responses=problem_responses(NotFound, Conflict),
)
def delete_model(model_id: ModelId, database: DatabaseDep) -> None:
    """One that a job made goes with its job (409). Jobs that began with it keep what they took."""
    with database.write() as session:
        models.delete(session, model_id)


def _in_detail(told: ModelReply, model: Model) -> ModelDetail:
    found = sparsity(model.network, model.preprocessor, model.weights())
    return ModelDetail(**dict(told), sparsity=Sparsity.model_validate(found))


def _from_json(content: object, settings: Settings, once: IdempotentRequest) -> Response:
    wanted = validated(ModelCreate, content)
    most = settings.max_parameters

    def prepare() -> Change:
        arrays = as_arrays(wanted.weights)
        return _keeping(parse_model(wanted, arrays, at="", weights_at="/weights", most=most))

    return once.answer(prepare)


def _from_form(form: FormData, settings: Settings, once: IdempotentRequest) -> Response:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Invalid.at("/file", "A file is needed.")
    unknown = next((name for name in form if name not in _FORM["properties"]), None)
    if unknown is not None:
        raise Invalid.at(f"/{unknown[:60]}", "Unknown key; remove it or correct its spelling.")
    content, given = file.file.read(), form.get("definition")
    most, depth = settings.max_parameters, settings.max_json_depth
    named = {} if form.get("name") is None else {"name": form.get("name")}

    def prepare() -> Change:
        try:
            arrays, document = tensors.read(content)
        except InvalidState as error:
            raise Invalid.at("/file", str(error)) from None
        at = "file"
        if given is not None:
            at, document = "definition", parse_json(str(given).encode(), depth)
        if not isinstance(document, dict):
            raise Invalid.at(
                "/definition", "This file does not say what its weights mean: send a definition."
            )
        definition = validated(ModelDefinition, document | named, at)
        where = f"/{at}" if at == "definition" else "/file"
        return _keeping(parse_model(definition, arrays, at=where, weights_at="/file", most=most))

    digest = hashlib.sha256(content)
    digest.update(repr((given, form.get("name"))).encode())
    return once.answer(prepare, digest.hexdigest())


def _keeping(found: Import) -> Change:
    record = found.record

    def change(session: Session) -> Response:
        row = models.create(session, record)
        told = serialize_stored_model(session, row)
        where = {"Location": f"/v1/models/{row.id}"}
        return respond(_in_detail(told, found.model), 201, where)

    return change
