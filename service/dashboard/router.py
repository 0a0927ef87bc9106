"""The dashboard: a page and what it loads, from this package."""

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated

from fastapi import APIRouter, Header, Response

from service.http.dependencies import SettingsDep
from service.http.errors import NotFound

router = APIRouter(include_in_schema=False)

_FOLDER = files("service") / "dashboard"
_MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""What is served of the folder, by the end of its name."""
_LICENCES = {"NOTICE", "LICENSE"}
_POLICY = (
    "default-src 'none'; connect-src 'self'; font-src 'self'; form-action 'none'; "
    "img-src 'self' blob: data:; script-src 'self'; style-src 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)

IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match")]


@router.get("/")
def show_dashboard(settings: SettingsDep, if_none_match: IfNoneMatch = None) -> Response:
    """The page. Pages of the origins in the settings may embed it."""
    policy = " ".join([_POLICY, *settings.cors_origins])
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "same-origin"}
    return _file(_FOLDER / "index.html", "text/html", if_none_match, headers)


@router.get("/assets/{path:path}")
def read_dashboard_file(path: str, if_none_match: IfNoneMatch = None) -> Response:
    """What the page loads, and the licences of what is not ours."""
    file = _find(path)
    suffix = file.name[file.name.rfind(".") :]
    return _file(file, _MEDIA_TYPES.get(suffix, "text/plain"), if_none_match, {})


def _find(path: str) -> Traversable:
    """A file below the folder, found step by step, so that no path leads out of it."""
    here: Traversable | None = _FOLDER
    for name in path.split("/"):
        inside = here.iterdir() if here is not None and here.is_dir() else ()
        here = next((each for each in inside if each.name == name), None)
    if here is not None and here.is_file() and _is_served(here.name):
        return here
    raise NotFound("The dashboard has no such file.")


def _is_served(name: str) -> bool:
    return name in _LICENCES or name.endswith(tuple(_MEDIA_TYPES))


def _file(
    file: Traversable, media_type: str, if_none_match: str | None, headers: dict[str, str]
) -> Response:
    content = file.read_bytes()
    headers |= {
        # Asked for each time, answered with a body only when it has changed: by an upgrade.
        "Cache-Control": "no-cache",
        "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        "X-Content-Type-Options": "nosniff",
    }
    if if_none_match is not None and headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)
