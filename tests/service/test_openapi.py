"""The OpenAPI document is one that a person can read and a generator can use."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from service import app as application
from service.settings import Settings

METHODS = {"get", "post", "patch", "delete", "put"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return application.create_app(Settings(data_dir=tmp_path_factory.mktemp("openapi")))


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield f"{method.upper()} {path}", operation


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"] if tag["description"]}
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["tags"]) <= tags, name
        assert operation["operationId"].isidentifier(), name
        assert operation["operationId"].islower(), name


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(ids)) == len(ids)


def test_every_operation_declares_its_problems(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        declared = operation["responses"]
        assert "500" in declared, name
        if operation["tags"] != ["Health"]:
            assert {"401", "403"} <= declared.keys(), name
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= declared.keys(), name
        if "{" in name:
            assert "404" in declared, name
        for status, response in declared.items():
            if status >= "400":
                assert response["$ref"].startswith("#/components/responses/"), name


def test_problems_replace_the_framework_s_own_errors(document: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for response in document["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert isinstance(node, dict), reference


def test_every_operation_shows_an_example(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None:
            assert body["examples"], name
        for status, response in operation["responses"].items():
            media = response.get("content", {}).get("application/json")
            if status < "300" and media is not None and name != "POST /v1/datasets":
                assert media["example"], f"{name} {status}"


def test_examples_are_answers_that_the_service_could_give(app: FastAPI) -> None:
    document = app.openapi()
    shown = {
        operation["operationId"]: {
            status: response["content"]["application/json"].get("example")
            for status, response in operation["responses"].items()
            if "application/json" in response.get("content", {})
        }
        for _, operation in operations(document)
    }
    checked = 0
    for route in api_routes():
        example = shown[route.name].get(str(route.status_code or 200))
        if example is not None:
            TypeAdapter(route.response_model).validate_python(example, strict=False)
            checked += 1
    assert checked >= 20


def api_routes() -> Iterator[APIRoute]:
    for router in application.ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                yield route


def test_the_stream_s_last_event_is_documented(document: dict[str, Any]) -> None:
    assert "EndEvent" in document["components"]["schemas"]


def test_health_needs_no_key(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        if operation["tags"] == ["Health"]:
            assert operation["security"] == [], name
