"""Who may talk to the service: keys where there are some, else this machine only."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from service.settings import Settings
from tests.plugins.servers import Served, serving

KEYS = (SecretStr("first-key-of-two"), SecretStr("second-key-of-two"))
ORIGIN = "https://dashboard.example"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Served]:
    """A service that wants a key, and lets the pages of one other origin in."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("guarded"), api_keys=KEYS, cors_origins=(ORIGIN,)
    )
    with serving(settings, migrated_file) as running:
        yield running


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("key", [key.get_secret_value() for key in KEYS])
def test_every_key_opens_the_service(guarded: Served, key: str) -> None:
    assert httpx.get(f"{guarded.url}/v1/jobs", headers=bearer(key)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer("first-key-of-tw"),
        bearer("first-key-of-two-and-more"),
        bearer("first-key-of-two,second-key-of-two"),
        {"Authorization": "Basic Zmlyc3Qta2V5LW9mLXR3bzo="},
        {"Authorization": "first-key-of-two"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/catalog", "/openapi.json", "/nothing"])
def test_no_other_key_does(guarded: Served, headers: dict[str, str], path: str) -> None:
    answer = httpx.get(guarded.url + path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_that_is_no_text_is_refused_too(guarded: Served) -> None:
    answer = httpx.get(guarded.url + "/v1/jobs", headers=[(b"Authorization", b"Bearer \xff\xfe")])
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/docs", "/docs/page.js", "/", "/assets/js/main.js"]
)
def test_health_and_the_pages_are_open(guarded: Served, path: str) -> None:
    assert httpx.get(guarded.url + path).status_code == 200


def test_a_body_is_not_read_before_the_key_is_known(guarded: Served) -> None:
    answer = httpx.post(f"{guarded.url}/v1/jobs", content=b"{")
    assert answer.status_code == 401


def test_with_keys_any_host_is_served(guarded: Served) -> None:
    assert guarded.client.get("/v1/jobs", headers={"Host": "trainyard.example"}).status_code == 200


def test_pages_of_the_origins_in_the_settings_may_call(guarded: Served) -> None:
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    preflight = httpx.options(f"{guarded.url}/v1/jobs", headers=headers)
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    refused = httpx.get(f"{guarded.url}/v1/jobs", headers={"Origin": ORIGIN})
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == ORIGIN


def test_pages_of_other_origins_get_no_leave(guarded: Served) -> None:
    answer = guarded.client.get("/v1/jobs", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8000", "127.0.0.1:1", "127.8.9.10", "[::1]:8000", "a.localhost"],
)
def test_without_keys_this_machine_s_names_are_served(served: Served, host: str) -> None:
    assert served.client.get("/v1/jobs", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "169.254.169.254",
        "127.0.0.1.x",
        "",
    ],
)
def test_without_keys_no_other_name_is(served: Served, host: str) -> None:
    answer = served.client.get("/v1/jobs", headers={"Host": host})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1.evil.example"],
)
def test_without_keys_other_sites_are_refused(served: Served, origin: str) -> None:
    answer = served.client.post("/v1/datasets", json={}, headers={"Origin": origin})
    assert answer.status_code == 403


def test_without_keys_the_service_s_own_pages_may_call(served: Served) -> None:
    assert served.client.get("/v1/jobs", headers={"Origin": served.url}).status_code == 200


def test_a_harmless_request_id_is_kept_and_another_replaced(served: Served) -> None:
    kept = served.client.get("/livez", headers={"X-Request-ID": "proxy-17.a_B"})
    assert kept.headers["x-request-id"] == "proxy-17.a_B"
    replaced = served.client.get("/livez", headers={"X-Request-ID": "a b" * 40})
    assert replaced.headers["x-request-id"] not in {"", "a b" * 40}
