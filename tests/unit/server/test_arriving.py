"""What is written down of files on their way, and what the next run of a server makes of it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from sensorium.core.scopes import Scope
from sensorium.server.app import create_app
from sensorium.server.arriving import MARK, WHOLE_DAYS, Upload, Uploads
from sensorium.server.options import ServeOptions
from sensorium.server.problems import Problem

from .conftest import Desk, client_of
from .routes.test_uploads import BLUE, begin, ended, put

OWNER = Scope.local_owner()
OTHER = Scope(tenant="other", principals=frozenset({"ann"}))


def begun(folder: Path, received: int, size: int = 100, scope: Scope = OWNER) -> Upload:
    """An upload of which `received` bytes are on the disk and in its state."""
    uploads = Uploads(folder, 64)
    upload = uploads.begin(scope, "a/b.txt", size)
    upload.path.write_bytes(b"x" * received)
    upload.received = received
    uploads.keep(upload)
    return upload


def test_the_next_run_knows_whose_it_is_and_how_much_is_here(tmp_path: Path) -> None:
    upload = begun(tmp_path, 40, scope=OTHER)
    found = Uploads(tmp_path, 64).upload(OTHER, upload.id)
    assert (found.name, found.size, found.received, found.path) == ("a/b.txt", 100, 40, upload.path)
    with pytest.raises(Problem):
        Uploads(tmp_path, 64).upload(OWNER, upload.id)


def test_bytes_that_came_after_the_last_state_are_sent_again(tmp_path: Path) -> None:
    upload = begun(tmp_path, 40)
    with upload.path.open("ab") as file:
        file.write(b"half a stretch")
    assert Uploads(tmp_path, 64).upload(OWNER, upload.id).received == 40
    assert upload.path.read_bytes() == b"x" * 40


def test_a_file_that_is_shorter_than_its_state_is_thrown_away(tmp_path: Path) -> None:
    upload = begun(tmp_path, 40)
    upload.path.write_bytes(b"x" * 39)
    with pytest.raises(Problem):
        Uploads(tmp_path, 64).upload(OWNER, upload.id)
    assert not upload.path.exists()


@pytest.mark.parametrize(
    "state",
    [b"", b"no json", b"[]", b'{"version": 2}', b"\xff", b'{"version": 1, "path": 3, "received": 0, "size": 1}'],
    ids=["empty", "no json", "a list", "version", "bytes", "kinds"],
)
def test_a_state_that_can_not_be_read_is_thrown_away_with_its_file(tmp_path: Path, state: bytes) -> None:
    upload = begun(tmp_path, 40)
    (tmp_path / upload.id / MARK).write_bytes(state)
    Uploads(tmp_path, 64)
    assert not (tmp_path / upload.id).exists()


def test_a_path_in_a_state_leads_nowhere_else(tmp_path: Path) -> None:
    upload = begun(tmp_path / "uploads", 40)
    (tmp_path / "secret").write_bytes(b"s" * 80)
    mark = tmp_path / "uploads" / upload.id / MARK
    mark.write_text(json.dumps({**json.loads(mark.read_text()), "path": "../../secret"}))
    Uploads(tmp_path / "uploads", 64)
    assert (tmp_path / "secret").read_bytes() == b"s" * 80
    assert not mark.exists()


def test_only_its_owner_reads_the_state(tmp_path: Path) -> None:
    upload = begun(tmp_path, 40)
    assert (tmp_path / upload.id / MARK).stat().st_mode & 0o077 == 0


def test_what_nobody_went_on_with_for_long_is_thrown_away(tmp_path: Path) -> None:
    upload = begun(tmp_path, 40)
    old = time.time() - (WHOLE_DAYS + 1) * 86_400
    os.utime(tmp_path / upload.id / MARK, (old, old))
    with pytest.raises(Problem):
        Uploads(tmp_path, 64).upload(OWNER, upload.id)
    assert not (tmp_path / upload.id).exists()


def test_no_more_are_taken_up_than_may_wait_and_the_latest_first(tmp_path: Path) -> None:
    older, newer = begun(tmp_path, 1), begun(tmp_path, 2)
    os.utime(tmp_path / older.id / MARK, (time.time() - 60,) * 2)
    uploads = Uploads(tmp_path, 1)
    assert uploads.upload(OWNER, newer.id).received == 2
    assert not (tmp_path / older.id).exists()


def again(desk: Desk) -> Any:
    """Another server over the same library, as after a restart."""
    return client_of(desk.library, ServeOptions(a_minute=60_000), desk.keys)


def test_a_file_that_broke_off_goes_on_after_a_restart(own: Desk) -> None:
    upload = begin(own, len(BLUE))
    put(own, upload, BLUE[:20])
    with again(own) as client:
        later = Desk(own.library, client, own.keys, own.files)
        told = client.get(f"/v1/uploads/{upload['id']}").json()
        assert (told["received"], told["state"]) == (20, "receiving")
        job = put(later, upload, BLUE[20:], start=20).json()["job"]
        assert ended(later, job)["receipt"][0]["outcome"] == "added"
    assert not list(own.library.path.glob(f"uploads/*/{MARK}"))


def test_a_file_that_is_complete_and_not_added_is_added_after_a_restart(own: Desk) -> None:
    begun_there = Uploads(own.library.path / "uploads", 64)
    upload = begun_there.begin(OWNER, "blue.png", len(BLUE))
    upload.path.write_bytes(BLUE)
    upload.received = len(BLUE)
    begun_there.keep(upload)
    with again(own) as client:
        told = client.get(f"/v1/uploads/{upload.id}").json()
        assert told["state"] == "complete"
        assert ended(Desk(own.library, client, own.keys, own.files), told["job"])["receipt"][0]["outcome"] == "added"


def test_what_is_added_is_not_added_again(own: Desk) -> None:
    job = put(own, begin(own, len(BLUE)), BLUE).json()["job"]
    ended(own, job)
    app = create_app(own.library, ServeOptions(), keys=own.keys)
    assert app.state.service.uploads.unadded() == []
