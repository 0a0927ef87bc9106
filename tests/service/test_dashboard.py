"""How the dashboard is served; what it does is for the tests in a browser."""

import hashlib
import re
from pathlib import Path

import httpx
import pytest

from service.settings import Settings
from tests.plugins.servers import Served, serving

DASHBOARD = Path(__file__).parents[2] / "service" / "dashboard"
SERVED = sorted(
    str(path.relative_to(DASHBOARD))
    for path in DASHBOARD.rglob("*")
    if path.suffix in {".css", ".js", ".mjs", ".svg", ".woff2"}
)


def test_the_page_loads_nothing_from_elsewhere(served: Served) -> None:
    page = served.client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    loaded = re.findall(r'(?:src|href)="(assets/[^"]+)"', page.text)
    assert loaded
    for path in loaded:
        assert served.client.get(f"/{path}").status_code == 200, path
    assert "<style" not in page.text
    assert re.findall(r"<script(?! src| type=\"module\" src)", page.text) == []


def test_every_file_is_served_with_its_type(served: Served) -> None:
    types = {".css": "text/css", ".js": "text/javascript", ".mjs": "text/javascript"}
    types |= {".svg": "image/svg+xml", ".woff2": "font/woff2"}
    for path in SERVED:
        answer = served.client.get(f"/assets/{path}")
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].partition(";")[0] == types[Path(path).suffix]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.content == (DASHBOARD / path).read_bytes()


@pytest.mark.parametrize("path", ["/", "/assets/js/main.js"])
def test_what_is_known_is_not_sent_again(served: Served, path: str) -> None:
    tag = served.client.get(path).headers["etag"]
    again = served.client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "js/nothing.js",
        "js",
        "",
        "jsconfig.json",
        "index.html",
        "js/main.js/",
        "../dashboard/js/main.js",
        "%2e%2e/settings.py",
        "js/%2e%2e/js/main.js",
        "js/%2Fmain.js",
    ],
)
def test_nothing_else_is_served(served: Served, path: str) -> None:
    # As it is written: a client would follow dots itself.
    request = httpx.Request("GET", served.url + "/assets/")
    request.url = request.url.copy_with(raw_path=f"/assets/{path}".encode())
    answer = served.client.send(request)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_files_of_others_are_those_that_the_notice_names() -> None:
    vendor = DASHBOARD / "vendor"
    digests = re.findall(r"^([0-9a-f]{64})  (\S+)$", (vendor / "NOTICE").read_text(), re.MULTILINE)
    named = {name: digest for digest, name in digests}
    present = {
        str(path.relative_to(vendor)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "NOTICE"
    }
    assert present == named
    for name in ("NOTICE", "uplot/LICENSE", "katex/LICENSE"):
        assert "MIT License" in (vendor / name).read_text()


def test_pages_of_allowed_origins_may_embed_it(tmp_path: Path, migrated_file: Path) -> None:
    settings = Settings(data_dir=tmp_path, cors_origins=["https://lecture.example"])
    with serving(settings, migrated_file) as running:
        policy = running.client.get("/").headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self' https://lecture.example")
