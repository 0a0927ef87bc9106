"""The dashboard's types of what the API sends and takes are generated, not typed by hand."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.architecture.repository import ROOT, read

JS = "service/dashboard/js"
ALIASES = f"{JS}/lib/types.d.ts"
MIN_MEMBERS = 3
"""So many members that are all in one schema are no coincidence."""

OBJECT = re.compile(r"@typedef \{object\} (?P<name>\w+)(?P<body>.*?)(?=@typedef|\*/)", re.DOTALL)
LITERAL = re.compile(r"@typedef \{(?P<body>\{.*?\})\} (?P<name>\w+)", re.DOTALL)


def typedefs(source: str) -> Iterator[tuple[str, set[str]]]:
    """The objects that comments describe, with the names of their members."""
    for found in OBJECT.finditer(source):
        yield found["name"], set(re.findall(r"@property \{.*\} \[?(\w+)", found["body"]))
    for found in LITERAL.finditer(source):
        yield found["name"], set(re.findall(r"(\w+)\??:", found["body"]))


def aliases() -> set[str]:
    """What code calls the types of the API."""
    return set(re.findall(r"^export type (\w+)\b", read(ALIASES), re.MULTILINE))


def typed_by_hand(source: str) -> list[str]:
    """Types in a source that have the name of an alias, or all of their members in one schema."""
    schemas = json.loads(read("docs/openapi.json"))["components"]["schemas"].values()
    members = [set(schema.get("properties", ())) for schema in schemas]
    names = set(re.findall(r"@typedef \{.*\} (\w+)", source)) & aliases()
    copies = {
        name
        for name, own in typedefs(source)
        if len(own) >= MIN_MEMBERS and any(own <= schema for schema in members)
    }
    return sorted(names | copies)


def test_no_type_of_the_api_is_typed_by_hand() -> None:
    found = {
        path.relative_to(ROOT / JS).as_posix(): names
        for path in sorted((ROOT / JS).rglob("*.js"))
        if (names := typed_by_hand(path.read_text(encoding="utf-8")))
    }
    assert found == {}, f"take them from {ALIASES}"


COPIES = {
    "literal": "/** @typedef {{seq: number, fold: number, epoch: number}} Row */",
    "object": """
        /**
         * @typedef {object} Uploaded
         * @property {string} id
         * @property {Task} task
         * @property {string[]} warnings What to look at.
         */""",
    "name": "/** @typedef {Record<string, any>} Job */",
}


@pytest.mark.parametrize("source", COPIES.values(), ids=COPIES.keys())
def test_a_type_that_is_typed_by_hand_is_found(source: str) -> None:
    assert len(typed_by_hand(source)) == 1


def test_every_alias_is_of_the_generated_types() -> None:
    definitions = dict(
        re.findall(r"^(?:export )?type (\w+)[^=]* = ([^;]+)", read(ALIASES), re.MULTILINE)
    )
    derived = {
        name for name, text in definitions.items() if re.search(r"\b(components\[|paths\b)", text)
    }
    while more := {
        name
        for name, text in definitions.items()
        if name not in derived and derived & set(re.findall(r"\w+", text))
    }:
        derived |= more
    assert aliases() <= derived, f"typed by hand in {ALIASES}: {aliases() - derived}"
