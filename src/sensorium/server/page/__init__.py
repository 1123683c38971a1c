"""The web page: HTML, CSS and JavaScript modules, as they are sent. No build step, nothing from elsewhere.

`asset` gives a file by its path below the page's address, `HEADERS` what goes along with each of them. To add a module,
put it into `js/` and import it from another one; a test holds all of them together below 300 KB.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a browser may do for the page (Content Security Policy 3): its own files, and pictures that a user gives it."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file of the page, as it is sent."""

    media_type: str
    data: bytes = field(repr=False)


@cache
def assets() -> dict[str, Asset]:
    """Every file of the page by its address below the server's: "" for the page itself, then `page/css/tokens.css`.

    >>> sorted(assets())[0] == "", "page/js/main.js" in assets()
    (True, True)
    """
    root = files(__package__)
    found = {"": _asset("index.html", root.joinpath("index.html").read_bytes())}
    found["page/icon.svg"] = _asset("icon.svg", root.joinpath("icon.svg").read_bytes())
    for folder in ("css", "js"):
        for file in root.joinpath(folder).iterdir():
            if file.name.endswith(f".{folder}"):
                found[f"page/{folder}/{file.name}"] = _asset(file.name, file.read_bytes())
    return found


def asset(path: str) -> Asset | None:
    """The file at an address, None where there is none: only what `assets` lists can be reached.

    >>> asset("page/../__init__.py") is None
    True
    """
    return assets().get(path)


def _asset(name: str, data: bytes) -> Asset:
    return Asset(media_type=MEDIA_TYPES[name.rpartition(".")[2]], data=data)
