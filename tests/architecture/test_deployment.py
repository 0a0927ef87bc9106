"""Containers, compose and make are held to the real command line and settings."""

import json
import re
from typing import Any

import pytest
import yaml

from service.settings import Settings
from tests.architecture.command_line import parse
from tests.architecture.repository import read

VARIABLE = re.compile(r"\bTRAINYARD_[A-Z_]+\b")
COMPOSE: dict[str, Any] = yaml.safe_load(read("docker-compose.yml"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
# Read by the compose file itself, not by the service.
OF_COMPOSE = {
    "TRAINYARD_PORT",
    "TRAINYARD_SITE_ADDRESS",
    "TRAINYARD_TLS_PORT",
}


def instruction(name: str) -> list[str]:
    """The last exec form of a Dockerfile instruction."""
    found: list[str] = json.loads(
        re.findall(rf"^{name} (\[.*\])$", read("Dockerfile"), re.MULTILINE)[-1]
    )
    return found


def known_settings() -> set[str]:
    return {f"TRAINYARD_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("name", OURS)
def test_compose_commands_are_real(name: str) -> None:
    parse(SERVICES[name]["command"])


def test_dockerfile_command_is_real() -> None:
    assert instruction("ENTRYPOINT") == ["trainyard"]
    assert parse(instruction("CMD"))["host"] == "0.0.0.0"


@pytest.mark.parametrize("file", ["Dockerfile", "docker-compose.yml"])
def test_settings_are_real(file: str) -> None:
    named = set(VARIABLE.findall(read(file)))
    assert named
    assert named <= known_settings() | OF_COMPOSE


def test_compose_configures_a_valid_service() -> None:
    environment: dict[str, str] = SERVICES["api"]["environment"]
    filled = {
        name.removeprefix("TRAINYARD_").lower(): re.sub(r"\$\{[^}]+\}", "secret", value)
        for name, value in environment.items()
    }
    settings = Settings.model_validate(filled)
    assert settings.api_keys
    assert settings.resolved_database_url.startswith("postgresql+psycopg://")


def test_secrets_come_from_the_environment() -> None:
    text = read("docker-compose.yml")
    for secret in ("POSTGRES_PASSWORD", "TRAINYARD_API_KEYS"):
        assert f"${{{secret}:?" in text, "compose must refuse to start without it"


def test_services_start_in_order() -> None:
    for service in SERVICES.values():
        for name, condition in service.get("depends_on", {}).items():
            needed = SERVICES[name]
            if condition["condition"] == "service_healthy" and name not in OURS:
                assert "healthcheck" in needed
    waits_for_migration = {
        name for name in OURS if "migrate" in SERVICES[name].get("depends_on", {})
    }
    assert waits_for_migration == set(OURS) - {"migrate"}


def test_api_and_worker_are_separate_and_share_the_storage() -> None:
    assert "--no-worker" in SERVICES["api"]["command"]
    assert SERVICES["worker"]["command"] == ["worker"]
    assert SERVICES["worker"]["volumes"] == SERVICES["api"]["volumes"]


def test_named_volumes_are_declared() -> None:
    used = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    assert used == set(COMPOSE["volumes"])


def test_only_the_proxy_is_published() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert "reverse_proxy api:8000" in read("deploy/Caddyfile")


def test_image_runs_unprivileged_and_installs_by_hash() -> None:
    dockerfile = read("Dockerfile")
    final = dockerfile[dockerfile.rindex("\nFROM ") :]
    assert re.search(r"^USER \d+$", final, re.MULTILINE)
    assert "--require-hashes -r requirements/production.lock" in dockerfile
    assert "pip install" not in final
    assert "/readyz" in final


def test_image_copies_only_what_is_let_through() -> None:
    let_through = {line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")}
    assert {"engine", "service", "trainyard", "requirements", "pyproject.toml"} <= let_through


def test_make_lists_its_targets() -> None:
    makefile = read("Makefile")
    phony = set(re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split())
    described = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert phony == described
    assert {"demo", "run", "test", "check", "bench"} <= described
