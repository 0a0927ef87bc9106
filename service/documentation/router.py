"""The API's documentation as a page that works without internet: Swagger UI from this package."""

from importlib.resources import files

from fastapi import APIRouter, Response

from service.http.errors import NotFound

router = APIRouter(include_in_schema=False)

_FOLDER = files("service") / "documentation" / "swagger"
_MEDIA_TYPES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "page.js": "text/javascript",
    "LICENSE": "text/plain",
    "NOTICE": "text/plain",
}
_POLICY = (
    "default-src 'none'; connect-src 'self'; script-src 'self'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


@router.get("/docs")
def show_documentation() -> Response:
    """The page."""
    return _file("index.html", "text/html", {"Content-Security-Policy": _POLICY})


@router.get("/docs/{name}")
def read_documentation_file(name: str) -> Response:
    """What the page loads, and the licences of it."""
    if name not in _MEDIA_TYPES:
        raise NotFound("The documentation has no such file.")
    return _file(name, _MEDIA_TYPES[name], {"Cache-Control": "max-age=3600"})


def _file(name: str, media_type: str, headers: dict[str, str]) -> Response:
    headers["X-Content-Type-Options"] = "nosniff"
    return Response((_FOLDER / name).read_bytes(), headers=headers, media_type=media_type)
