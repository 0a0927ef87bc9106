"""What the service tells about itself: the documentation's page, the catalogue, its health."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from engine import families
from tests.plugins.servers import Served

SWAGGER = Path(__file__).parents[2] / "service" / "documentation" / "swagger"


def test_the_page_loads_nothing_from_elsewhere(served: Served) -> None:
    page = served.client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 3
    for path in loaded:
        answer = served.client.get(f"/{path}")
        assert answer.status_code == 200, path
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert served.client.get("/openapi.json").json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("name", ["LICENSE", "NOTICE"])
def test_the_licences_are_served_too(served: Served, name: str) -> None:
    assert "Apache License" in served.client.get(f"/docs/{name}").text


@pytest.mark.parametrize("path", ["/docs/../app.py", "/docs/%2e%2e/app.py", "/docs/index.html"])
def test_nothing_else_is_served(served: Served, path: str) -> None:
    assert served.client.get(path).status_code == 404


def test_the_files_are_those_that_the_notice_names() -> None:
    digests = re.findall(r"^([0-9a-f]{64})  (\S+)$", (SWAGGER / "NOTICE").read_text(), re.MULTILINE)
    assert len(digests) == 2
    for digest, name in digests:
        assert hashlib.sha256((SWAGGER / name).read_bytes()).hexdigest() == digest


@pytest.fixture(scope="module")
def catalog(served: Served) -> dict[str, Any]:
    answer: dict[str, Any] = served.client.get("/v1/catalog").json()
    return answer


def test_every_spec_is_in_the_catalogue(catalog: dict[str, Any]) -> None:
    listed = {
        family: [entry["kind"] for entry in entries]
        for family, entries in catalog["families"].items()
    }
    assert listed == {
        name: [member.kind_name() for member in members] for name, members in families().items()
    }


def test_every_hyper_parameter_is_explained(catalog: dict[str, Any]) -> None:
    for entries in catalog["families"].values():
        for entry in entries:
            assert entry["summary"], entry["kind"]
            for field in entry["fields"]:
                assert field["help"], (entry["kind"], field["name"])
                assert field["json_schema"], (entry["kind"], field["name"])


def test_the_defaults_of_the_catalogue_make_the_spec(catalog: dict[str, Any]) -> None:
    for name, members in families().items():
        for entry, member in zip(catalog["families"][name], members, strict=True):
            required = [field["name"] for field in entry["fields"] if field["required"]]
            assert entry["short_form"] == (not required)
            if not required:
                defaults = {field["name"]: field["default"] for field in entry["fields"]}
                spec = TypeAdapter(member).validate_python({"kind": entry["kind"], **defaults})
                assert spec == member()


def test_health(served: Served) -> None:
    assert served.client.get("/livez").json() == {"status": "ok"}
    ready = served.client.get("/readyz").json()
    assert (ready["status"], ready["database"]) == ("ok", "sqlite")


def test_a_server_that_shuts_down_is_not_ready(served: Served) -> None:
    # The last test of this module: its server is of no use afterwards.
    served.stop()
    answer = served.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
