"""A new route is a new room and a line in `app.py`: everything else about it follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from service import app
from service.settings import Settings
from tests.plugins.servers import Served, serving
from tests.service.tags import router as tags
from tests.service.tags.client import Tags
from trainyard import Client


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Served]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("extended"), api_keys=(SecretStr("key"),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "ROUTERS", (*app.ROUTERS, tags.router))
        with serving(settings, migrated_file) as served:
            yield served


@pytest.fixture(scope="module")
def jobs(extended: Served) -> None:
    for given in (["night", "baseline"], ["night"]):
        made = extended.client.post(
            "/v1/jobs", json={"dataset": {"kind": "two_moons"}, "tags": given}
        )
        assert made.status_code == 202, made.text


@pytest.mark.usefixtures("jobs")
def test_it_answers(extended: Served) -> None:
    answer = extended.client.get("/v1/tags")
    assert answer.json() == {"data": {"night": 2, "baseline": 1}}
    assert "x-request-id" in answer.headers


@pytest.mark.usefixtures("jobs")
def test_its_client_has_a_method(extended: Served) -> None:
    with Client(extended.url, api_key="key") as client:
        assert Tags(client).count() == {"night": 2, "baseline": 1}


def test_it_needs_a_key(extended: Served) -> None:
    answer = httpx.get(f"{extended.url}/v1/tags", trust_env=False)
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:trainyard:problem:unauthorized"


def test_its_parameters_are_strict(extended: Served) -> None:
    answer = extended.client.get("/v1/tags", params={"limt": 5})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/limt"
    assert extended.client.get("/v1/tags", params={"limit": 0}).status_code == 422


def test_other_methods_are_refused(extended: Served) -> None:
    answer = extended.client.post("/v1/tags")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "HEAD, GET"


def test_it_is_in_the_openapi_document(extended: Served) -> None:
    document = extended.client.get("/openapi.json").json()
    operation = document["paths"]["/v1/tags"]["get"]
    assert operation["operationId"] == "count_tags"
    assert operation["summary"] == "Count tags"
    assert {"200", "401", "422", "500"} <= operation["responses"].keys()
    assert "TagCounts" in document["components"]["schemas"]
