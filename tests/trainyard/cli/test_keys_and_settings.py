"""Keys are made and checked; settings are shown with where they come from, and without secrets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from service.settings import Settings
from tests.plugins.servers import Served, serving
from trainyard.cli import app

KEY = "ty_a-key-that-is-known"

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Served]:
    """A service that asks for a key."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("closed"), api_keys=(SecretStr(KEY),))
    with serving(settings, migrated_file) as served:
        yield served


def typed(*words: str, **variables: str) -> Result:
    return CliRunner().invoke(app, [*words], env={"COLUMNS": "200", **variables})


def test_keys_are_long_and_new_each_time() -> None:
    keys = {typed("keys", "new").stdout.strip() for _ in range(3)}
    assert len(keys) == 3
    assert min(map(len, keys)) >= 40
    assert all(key.replace("-", "").replace("_", "").isalnum() for key in keys)


def test_how_to_use_a_key_is_told_beside_it() -> None:
    got = typed("keys", "new")
    assert "TRAINYARD_API_KEYS" in got.stderr
    assert got.stdout.count("\n") == 1


def test_a_new_key_opens_a_service(tmp_path: Path, migrated_file: Path) -> None:
    key = json.loads(typed("keys", "new", "--json").stdout)["key"]
    settings = Settings(data_dir=tmp_path, api_keys=(SecretStr(key),))
    with serving(settings, migrated_file) as served:
        got = typed("keys", "check", "--url", served.url, TRAINYARD_API_KEY=key)
    assert got.exit_code == 0, got.output
    assert "accepted" in got.stdout


@pytest.mark.parametrize("key", ["", "ty_another-one"])
def test_a_key_that_is_refused(closed: Served, key: str) -> None:
    got = typed("keys", "check", "--url", closed.url, TRAINYARD_API_KEY=key)
    assert got.exit_code == 1
    assert got.stdout == ""
    assert "TRAINYARD_API_KEY" in got.stderr


def test_a_service_without_keys(served: Served) -> None:
    told = json.loads(typed("keys", "check", "--json", "--url", served.url).stdout)
    assert (told["accepted"], told["required"]) == (True, False)


def test_every_setting_and_where_it_comes_from(tmp_path: Path) -> None:
    got = typed("config", "show", "--json", TRAINYARD_SLOTS="3", TRAINYARD_DATA_DIR=str(tmp_path))
    told = {setting["name"]: setting for setting in json.loads(got.stdout)}
    wanted = {f"TRAINYARD_{name.upper()}" for name in Settings.model_fields}
    assert set(told) == wanted | {"TRAINYARD_URL", "TRAINYARD_API_KEY"}
    assert (told["TRAINYARD_SLOTS"]["value"], told["TRAINYARD_SLOTS"]["source"]) == (
        3,
        "environment",
    )
    assert told["TRAINYARD_MAX_ATTEMPTS"]["source"] == "default"
    assert all(setting["help"] for setting in told.values())


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_secrets_are_hidden(form: list[str]) -> None:
    got = typed(
        "config",
        "show",
        *form,
        TRAINYARD_API_KEYS="swordfish,trout",
        TRAINYARD_API_KEY="swordfish",
        TRAINYARD_DATABASE_URL="postgresql://captain:swordfish@sea:5432/ship?password=swordfish",
        TRAINYARD_STORAGE_URL="s3://key:swordfish@bucket/data",
    )
    assert got.exit_code == 0, got.output
    assert "swordfish" not in got.output
    assert "trout" not in got.output
    assert "captain" in got.stdout
    assert "sea:5432/ship" in got.stdout


def test_a_misspelt_setting_is_noticed() -> None:
    got = typed("config", "show", TRAINYARD_SLOT="3")
    assert got.exit_code == 0
    assert "did you mean TRAINYARD_SLOTS?" in got.stderr


def test_a_setting_that_makes_no_sense() -> None:
    got = typed("config", "show", TRAINYARD_SLOTS="many")
    assert got.exit_code == 2
    assert "TRAINYARD_SLOTS: Must be a whole number." in got.stderr
