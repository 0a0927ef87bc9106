"""Conditional requests for a job (RFC 9110, 13) and those that wait for a change (RFC 7240)."""

from __future__ import annotations

import re

from service.jobs.repository import JobVersion

__all__ = ["names_version", "version_headers", "wait_seconds"]


def etag(version: JobVersion) -> str:
    """Changes with every change of what is answered."""
    has_dataset = "d" if version.has_dataset else ""
    return f'"{version.revision}.{version.seq}{has_dataset}"'


def names_version(if_none_match: str, version: JobVersion) -> bool:
    """Whether one of these tags names the state, weak ones too: proxies that compress make them."""
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in known or etag(version) in known


def version_headers(version: JobVersion) -> dict[str, str]:
    """The ETag of a version, which caches have to ask about before they use what they have."""
    return {"ETag": etag(version), "Cache-Control": "no-cache"}


def wait_seconds(prefer: str | None, most: float) -> float | None:
    """The seconds of `Prefer: wait=…` (RFC 7240), within what the service allows."""
    found = re.search(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})", prefer or "", re.IGNORECASE)
    return None if found is None else min(float(found[1]), most)
