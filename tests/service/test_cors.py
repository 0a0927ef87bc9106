"""Pages of the origins in the settings can use all of the API from a browser; others cannot."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from service.settings import Settings
from tests.plugins.servers import Served, serving

ORIGIN = "https://dashboard.example"
KEY = "a-key-for-pages"
KEY = "a-key-for-pages"
METHODS = {"get", "post", "patch", "delete", "put"}
READABLE = {"cache-control", "content-language", "content-length", "content-type", "date"}
"""What a page may read without leave."""
OF_BROWSERS = {"access-control-allow-origin", "access-control-expose-headers", "server", "vary"}
"""What is meant for the browser, or for nobody."""
MODEL = {
    "spec": {"network": {"layers": []}},
    "inputs": [{"name": "a"}],
    "target": "y",
    "weights": {"output.weight": [[2.0]], "output.bias": [1.0]},
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("cors")
    settings = Settings(data_dir=folder, api_keys=(SecretStr(KEY),), cors_origins=(ORIGIN,))
    with serving(settings, migrated_file) as running:
        yield running


def preflight(served: Served, path: str, method: str, headers: Iterable[str]) -> httpx.Response:
    """What a browser asks before a page may send such a request. It sends no key."""
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": ",".join(sorted(map(str.lower, headers))),
    }
    return httpx.options(served.url + path, headers=asked)


def listed(answer: httpx.Response, header: str) -> set[str]:
    return {name.strip().lower() for name in answer.headers.get(header, "").split(",")}


def test_pages_may_send_all_that_the_api_takes(guarded: Served) -> None:
    document: dict[str, Any] = guarded.client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method in methods.keys() & METHODS:
            declared = methods[method].get("parameters", [])
            headers = {part["name"] for part in declared if part["in"] == "header"}
            headers |= {"Authorization", "Content-Type"}
            answer = preflight(guarded, path, method.upper(), headers)
            assert answer.status_code == 200, f"{method} {path}: {answer.text}"
            assert answer.headers["access-control-allow-origin"] == ORIGIN


def answers(client: httpx.Client) -> Iterator[httpx.Response]:
    """Answers with every header that a client may want to look at."""
    once = {"Idempotency-Key": "once"}
    job = {"dataset": {"kind": "xor"}}
    yield (made := client.post("/v1/jobs", json=job, headers=once))
    yield client.post("/v1/jobs", json=job, headers=once)
    yield client.get(made.headers["location"], headers={"Prefer": "wait=0"})
    yield (model := client.post("/v1/models", json=MODEL))
    yield client.get(f"{model.headers['location']}/weights")
    yield client.put("/v1/jobs", json=job)
    yield client.get("/v1/jobs", headers={"Authorization": "Bearer wrong"})
    yield client.get("/v1/jobs/job_0/events")


def test_pages_may_read_every_header_of_an_answer(guarded: Served) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Origin": ORIGIN}
    seen: set[str] = set()
    with httpx.Client(base_url=guarded.url, headers=headers, trust_env=False) as page:
        for answer in answers(page):
            exposed = listed(answer, "access-control-expose-headers")
            sent = set(answer.headers) - READABLE - OF_BROWSERS
            assert sent <= exposed, f"{answer.request.url}: {sent - exposed}"
            seen |= sent
    assert {"allow", "etag", "idempotent-replayed", "location", "retry-after"} <= seen
    assert {"content-disposition", "preference-applied", "x-request-id"} <= seen


def test_pages_of_other_origins_may_not(guarded: Served) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    refused = httpx.options(f"{guarded.url}/v1/jobs", headers=asked)
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers


def test_pages_can_read_that_something_went_wrong_inside(
    guarded: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr("service.jobs.repository.page", fail)
    answer = guarded.client.get("/v1/jobs", headers={"Origin": ORIGIN})
    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
