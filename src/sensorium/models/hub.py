"""What the hub says of a model, and its files, over HTTP. The one door by which models come in.

The hub's protocol, as its own clients speak it: `GET /api/models/ID/revision/REVISION?blobs=true` lists the files of a
commit with their sizes and hashes; `GET /ID/resolve/COMMIT/PATH` gives one, often by a redirect to another host, and
honours ranges. https://huggingface.co/docs/hub/api. `HF_ENDPOINT` names another server of the same protocol.

Nothing is sent but these requests; no token but the one in `HF_TOKEN`, and that to the endpoint's own host alone.
"""

from __future__ import annotations

import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO, Any

from sensorium.core.errors import FetchFailed
from sensorium.models.cache import COMMIT, HubId

ENDPOINT = "https://huggingface.co"
SECONDS = 30.0
MOST_LISTING = 64 << 20
MOST_FILES = 20_000
MOST_BYTES = 1 << 42

_SHA256, _GIT = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{40}")
_SEGMENT = re.compile(r"[^/\\\x00-\x1f\x7f]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """path: within the model. size: bytes. sha256: of large files, "" of small ones, which git's own hash is known of.

    blob: what it is called in the cache: its sha256, else git's hash.
    """

    path: str
    size: int
    sha256: str
    git: str

    @property
    def blob(self) -> str:
        return self.sha256 or self.git


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """commit: that the files are of."""

    commit: str
    files: tuple[RemoteFile, ...]


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http and https alone, and never from https to http."""

    max_redirections = 5

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        before, after = (urllib.parse.urlsplit(url).scheme for url in (req.full_url, newurl))
        if after not in ("http", "https") or (before == "https" and after == "http"):
            raise FetchFailed("the hub redirects to where nothing is fetched from", remedy="try again later")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Hub:
    """A server of the hub's protocol. endpoint: by default that of `HF_ENDPOINT`, else the hub itself."""

    def __init__(self, endpoint: str = "", *, seconds: float = SECONDS) -> None:
        self.endpoint = (endpoint or os.environ.get("HF_ENDPOINT") or ENDPOINT).rstrip("/")
        if urllib.parse.urlsplit(self.endpoint).scheme not in ("http", "https"):
            raise FetchFailed("this is no address of a hub", subject="HF_ENDPOINT", remedy=f"say {ENDPOINT}")
        self._seconds = seconds
        self._opener = urllib.request.build_opener(_Redirects)

    def listing(self, model: HubId) -> Listing:
        """The files of a model. Raises FetchFailed."""
        revision = urllib.parse.quote(model.revision, safe="")
        with self._get(f"/api/models/{model.repo}/revision/{revision}?blobs=true", model) as response:
            data = response.read(MOST_LISTING + 1)
        try:
            if len(data) > MOST_LISTING:
                raise ValueError("it is too long")
            return _parsed(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise FetchFailed(
                f"the hub's list of files can not be read ({error})", subject=str(model), remedy="check HF_ENDPOINT"
            ) from error

    @contextmanager
    def file(self, model: HubId, commit: str, path: str, start: int) -> Iterator[tuple[Any, int]]:
        """A file from byte `start` on, to be read, and where it really starts: 0 where the server knows no ranges.

        Raises FetchFailed.
        """
        address = f"/{model.repo}/resolve/{commit}/{urllib.parse.quote(path)}"
        with self._get(address, model, {"Range": f"bytes={start}-"} if start else {}) as response:
            begins = 0
            if response.status == 206:
                begins = _start_of(response.headers.get("Content-Range", ""))
            if begins not in (0, start):
                raise FetchFailed("the hub sent another part than was asked for", subject=path, remedy="try again")
            yield response, begins

    @contextmanager
    def _get(self, address: str, model: HubId, headers: dict[str, str] | None = None) -> Iterator[Any]:
        request = urllib.request.Request(self.endpoint + address, headers=headers or {})
        request.add_header("User-Agent", "sensorium")
        request.add_header("Accept-Encoding", "identity")
        token = os.environ.get("HF_TOKEN", "").strip()
        if token:  # "unredirected": it is not passed on to the host that a redirect names
            request.add_unredirected_header("Authorization", f"Bearer {token}")
        try:
            with self._opener.open(request, timeout=self._seconds) as response:
                yield response
        except urllib.error.HTTPError as error:
            error.close()
            raise self._refused(error.code, model) from None
        except (urllib.error.URLError, TimeoutError, ConnectionError, HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise FetchFailed(
                f"the hub can not be reached ({reason})",
                subject=str(model),
                remedy="run the same command again where there is a network; what was fetched is kept",
            ) from error

    def _refused(self, status: int, model: HubId) -> FetchFailed:
        if status in (401, 403):
            what, remedy = (
                "the hub asks who you are",
                f"accept the model's terms at {self.endpoint}/{model.repo}, and put a token into HF_TOKEN",
            )
        elif status == 404:
            what, remedy = "there is no such model, revision or file on the hub", "check its name"
        else:
            what, remedy = f"the hub answers with status {status}", "try again later"
        return FetchFailed(what, subject=str(model), remedy=remedy)


def _start_of(content_range: str) -> int:
    match = re.fullmatch(r"bytes (\d{1,15})-\d*/(\d+|\*)", content_range.strip())
    return int(match[1]) if match else -1


def _parsed(answer: dict[str, Any]) -> Listing:
    commit, files = str(answer["sha"]), answer["siblings"]
    if not COMMIT.fullmatch(commit) or len(files) > MOST_FILES:
        raise ValueError("it is not what the hub's protocol says")
    return Listing(commit=commit, files=tuple(_file(entry) for entry in files))


def _file(entry: dict[str, Any]) -> RemoteFile:
    path, size = entry["rfilename"], entry["size"]
    segments = path.split("/")
    if not all(_SEGMENT.fullmatch(segment) and segment not in (".", "..") for segment in segments):
        raise ValueError("a file lies outside of the model")
    sha256, git = str((entry.get("lfs") or {}).get("sha256") or ""), str(entry.get("blobId") or "")
    if not (_SHA256.fullmatch(sha256) or (not sha256 and _GIT.fullmatch(git))):
        raise ValueError("a file has no hash")
    if not (isinstance(size, int) and 0 <= size <= MOST_BYTES):
        raise ValueError("a file has no size")
    return RemoteFile(path=path, size=size, sha256=sha256, git=git)
