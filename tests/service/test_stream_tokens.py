"""Stream tokens open event streams for a minute, and nothing else, ever."""

import base64
import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from service.app import create_app
from service.http import stream_tokens
from service.http.stream_tokens import LIFETIME_SECONDS, StreamTokens
from service.settings import Settings
from tests.plugins.servers import Served, serving

KEYS = ("first-key-of-two", "second-key-of-two")
STREAM = {"Accept": "text/event-stream"}
JOB = {"dataset": {"kind": "xor"}, "training": {"epochs": 1}}
NOW = 1_800_000_000


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Served]:
    keys = tuple(SecretStr(key) for key in KEYS)
    settings = Settings(data_dir=tmp_path_factory.mktemp("tokens"), api_keys=keys)
    with serving(settings, migrated_file) as running:
        yield running


@pytest.fixture(scope="module")
def events(guarded: Served) -> str:
    """The address of an ended job's events."""
    job = guarded.client.post("/v1/jobs", json=JOB).json()["id"]
    guarded.client.post(f"/v1/jobs/{job}/cancel")
    return f"{guarded.url}/v1/jobs/{job}/events"


def ask(served: Served) -> str:
    token: str = served.client.post("/v1/stream_tokens").json()["token"]
    return token


def scope(token: str, **changes: object) -> dict[str, object]:
    """What a server makes of a request for a stream."""
    return {
        "type": "http",
        "method": "GET",
        "path": "/v1/jobs/job_1/events",
        "query_string": f"token={token}".encode(),
        "headers": [(b"accept", b"text/event-stream")],
    } | changes


def test_a_token_opens_a_stream_without_a_key(guarded: Served, events: str) -> None:
    answer = httpx.get(f"{events}?token={ask(guarded)}", headers=STREAM)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "event: end" in answer.text


def test_a_token_says_until_when_and_is_not_kept_by_caches(guarded: Served) -> None:
    answer = guarded.client.post("/v1/stream_tokens")
    until = datetime.fromisoformat(answer.json()["expires_at"]).timestamp()
    assert 0 < until - time.time() <= LIFETIME_SECONDS
    assert answer.headers["cache-control"] == "no-store"


def test_a_token_needs_a_key_to_be_made(guarded: Served) -> None:
    token = ask(guarded)
    for query in ("", f"?token={token}"):
        assert httpx.post(f"{guarded.url}/v1/stream_tokens{query}").status_code == 401


def test_a_token_opens_nothing_but_streams(guarded: Served, events: str) -> None:
    token = ask(guarded)
    job = events.removesuffix("/events")
    elsewhere = [job, f"{job}/epochs", f"{guarded.url}/v1/jobs", f"{guarded.url}/openapi.json"]
    for address in elsewhere:
        assert httpx.get(f"{address}?token={token}", headers=STREAM).status_code == 401
    assert httpx.get(f"{events}?token={token}").status_code == 401, "a page is no stream"
    for method in ("HEAD", "POST", "DELETE", "PATCH"):
        answer = httpx.request(method, f"{events}?token={token}", headers=STREAM)
        assert answer.status_code == 401
    assert httpx.post(f"{job}/cancel?token={token}", headers=STREAM).status_code == 401


def test_a_token_is_no_key(guarded: Served, events: str) -> None:
    headers = STREAM | {"Authorization": f"Bearer {ask(guarded)}"}
    assert httpx.get(events, headers=headers).status_code == 401


def test_a_wrong_key_is_refused_beside_a_good_token(guarded: Served, events: str) -> None:
    headers = STREAM | {"Authorization": "Bearer wrong"}
    assert httpx.get(f"{events}?token={ask(guarded)}", headers=headers).status_code == 401


def altered(token: str) -> Iterator[str]:
    expires, _, signature = token.partition(".")
    yield f"{int(expires) + 1}.{signature}"
    yield f"{expires}.{signature[:-1]}"
    yield f"{expires}.{signature[::-1]}"
    yield f"{expires}."
    yield signature
    yield f"{token}.{signature}"
    yield f"0{token}"
    yield f"{token}="
    yield "nan." + base64.urlsafe_b64encode(bytes(32)).decode()
    yield "%C3%A9.%00"
    yield KEYS[0]
    yield ""


def test_no_other_token_does(guarded: Served, events: str) -> None:
    for token in altered(ask(guarded)):
        answer = httpx.get(f"{events}?token={token}", headers=STREAM)
        assert answer.status_code == 401, token
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_is_good_for_a_minute() -> None:
    now = float(NOW)
    tokens = StreamTokens(KEYS, clock=lambda: now)
    token, expires = tokens.issue(KEYS[1].encode())
    assert expires == NOW + LIFETIME_SECONDS
    for seconds, good in ((0, True), (59.9, True), (60, False), (86400, False)):
        now = NOW + seconds
        assert tokens.admit(scope(token)) is good, seconds


def test_every_process_with_the_key_knows_its_tokens() -> None:
    here = StreamTokens(KEYS, clock=lambda: NOW)
    token, _ = here.issue(KEYS[1].encode())
    renewed = StreamTokens(["new-key", KEYS[1]], clock=lambda: NOW)
    assert renewed.admit(scope(token))
    revoked = StreamTokens([KEYS[0]], clock=lambda: NOW)
    assert not revoked.admit(scope(token))


def test_what_was_signed_without_a_key_opens_nothing() -> None:
    token, _ = StreamTokens([], clock=lambda: NOW).issue(None)
    assert not StreamTokens(KEYS, clock=lambda: NOW).admit(scope(token))
    assert not StreamTokens([], clock=lambda: NOW).admit(scope(token))


def test_a_page_need_not_know_whether_there_are_keys(served: Served) -> None:
    job = served.client.post("/v1/jobs", json=JOB).json()["id"]
    served.client.post(f"/v1/jobs/{job}/cancel")
    address = f"{served.url}/v1/jobs/{job}/events?token={ask(served)}"
    assert "event: end" in httpx.get(address, headers=STREAM).text


def test_a_token_is_never_logged(
    guarded: Served, events: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = ask(guarded)
    with caplog.at_level(logging.DEBUG, logger="trainyard"):
        for address in (events, f"{guarded.url}/v1/jobs"):
            httpx.get(f"{address}?token={token}", headers=STREAM)
        # The line is written after the answer; the next answer comes after the line.
        guarded.client.get("/livez")
    lines = [record.getMessage() for record in caplog.records]
    assert any("/events 200 " in line for line in lines)
    assert any("/v1/jobs 401 " in line for line in lines)
    assert all(token not in line for line in lines)


def test_event_streams_document_the_token(tmp_path: Path) -> None:
    document = create_app(Settings(data_dir=tmp_path)).openapi()
    streams = [
        operation
        for methods in document["paths"].values()
        for operation in methods.values()
        if "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
    ]
    assert streams
    for operation in streams:
        assert "token" in {parameter["name"] for parameter in operation["parameters"]}


def test_secrets_are_derived_while_others_work(monkeypatch: pytest.MonkeyPatch) -> None:
    derive = stream_tokens._secret
    threads: list[threading.Thread] = []

    def seen(key: bytes) -> bytes:
        threads.append(threading.current_thread())
        return derive(key)

    monkeypatch.setattr(stream_tokens, "_secret", seen)
    tokens = StreamTokens(KEYS, clock=lambda: NOW)
    for key in KEYS:
        assert tokens.admit(scope(tokens.issue(key.encode())[0]))
    assert len(threads) == len(KEYS)
    assert threading.current_thread() not in threads
