"""Files that are sent, and what becomes of them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sensorium.server.access.keys import Role
from sensorium.server.options import ServeOptions
from sensorium.testing.pictures import png

from ..conftest import Desk

BLUE = png((20, 20, 200))


def begin(desk: Desk, size: int, name: str = "blue.png") -> Any:
    answer = desk.client.post("/v1/uploads", json={"name": name, "size": size})
    assert answer.status_code == 201, answer.text
    return answer.json()


def put(desk: Desk, upload: Any, data: bytes, start: int = 0) -> Any:
    headers = {"Content-Range": f"bytes {start}-{start + len(data) - 1}/{upload['size']}"}
    return desk.client.put(f"/v1/uploads/{upload['id']}", content=data, headers=headers)


def ended(desk: Desk, job: str) -> Any:
    for _ in range(600):
        told = desk.client.get(f"/v1/jobs/{job}").json()
        if told["state"] in ("done", "failed"):
            return told
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def sent(desk: Desk, data: bytes, name: str = "blue.png") -> Any:
    return ended(desk, put(desk, begin(desk, len(data), name), data).json()["job"])


def test_a_file_that_is_complete_is_added_and_found(own: Desk) -> None:
    job = sent(own, BLUE)
    assert [(line["source"], line["outcome"]) for line in job["receipt"]] == [("blue.png", "added")]
    assert (job["state"], job["progress"]) == ("done", 1.0)
    answer = own.client.post("/v1/search", json={"text": "blue"}).json()
    assert answer["hits"][0]["item"] == job["receipt"][0]["item"]


def test_a_file_is_taken_up_where_it_broke_off(own: Desk) -> None:
    upload = begin(own, len(BLUE))
    assert put(own, upload, BLUE[:20]).json()["received"] == 20
    told = own.client.get(f"/v1/uploads/{upload['id']}").json()
    assert (told["received"], told["state"], told["job"]) == (20, "receiving", None)
    answer = put(own, upload, BLUE[20:], start=20).json()
    assert answer["state"] == "complete"
    assert ended(own, answer["job"])["receipt"][0]["outcome"] == "added"


def test_a_stretch_that_does_not_follow_is_refused(own: Desk) -> None:
    upload = begin(own, len(BLUE))
    answer = put(own, upload, BLUE[20:], start=20)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "0")


@pytest.mark.parametrize("claimed", ["bytes 0-9/99", "bytes 9-0/74", "bytes x", "bytes 0-9999/74"])
def test_a_range_that_does_not_fit_is_refused(own: Desk, claimed: str) -> None:
    upload = begin(own, 74)
    answer = own.client.put(f"/v1/uploads/{upload['id']}", content=b"x", headers={"Content-Range": claimed})
    assert answer.status_code in (400, 416)


def test_a_byte_too_many_is_not_taken(own: Desk) -> None:
    upload = begin(own, 74)
    answer = own.client.put(f"/v1/uploads/{upload['id']}", content=BLUE, headers={"Content-Range": "bytes 0-9/74"})
    assert answer.status_code == 400
    assert own.client.get(f"/v1/uploads/{upload['id']}").json()["received"] == 0


def test_a_file_that_can_not_be_read_is_refused_with_its_reason(own: Desk) -> None:
    job = sent(own, b"\x89PNG\r\n\x1a\n broken", "broken.png")
    assert [(line["outcome"], bool(line["reason"])) for line in job["receipt"]] == [("refused", True)]
    assert not list(own.library.path.glob("uploads/*/broken.png"))


def test_a_name_can_not_leave_the_folder_of_uploads(own: Desk) -> None:
    job = sent(own, BLUE, "../../../evil/../.hidden/blue.png")
    view = own.library.show(job["receipt"][0]["item"])
    assert view.sources[0].startswith(str(own.library.path / "uploads"))
    assert "/.hidden" not in view.sources[0].removeprefix(str(own.library.path))


def test_what_is_erased_leaves_no_file_behind(own: Desk) -> None:
    item = sent(own, BLUE)["receipt"][0]["item"]
    assert list(own.library.path.glob("uploads/*/blue.png"))
    assert own.client.delete(f"/v1/items/{item}").status_code == 200
    assert not list(own.library.path.glob("uploads/*/*"))


def test_files_are_their_owners_alone(own: Desk) -> None:
    sent(own, BLUE)
    (path,) = own.library.path.glob("uploads/*/blue.png")
    assert path.stat().st_mode & 0o077 == 0


def test_a_reader_adds_nothing(desk: Desk) -> None:
    answer = desk.client.post("/v1/uploads", json={"name": "a", "size": 1}, headers=desk.key(Role.READER))
    assert answer.json()["code"] == "not-allowed"


def test_uploads_and_jobs_of_another_scope_are_not_there(own: Desk) -> None:
    mine, other = own.key(Role.CONTRIBUTOR), own.key(Role.CONTRIBUTOR, tenant="other")
    upload = own.client.post("/v1/uploads", json={"name": "a.png", "size": len(BLUE)}, headers=mine).json()
    path = f"/v1/uploads/{upload['id']}"
    assert own.client.get(path, headers=other).status_code == 404
    assert own.client.put(path, content=BLUE, headers=other).status_code == 404
    job = own.client.put(path, content=BLUE, headers=mine).json()["job"]
    assert own.client.get(f"/v1/jobs/{job}", headers=other).status_code == 404
    assert own.client.get("/v1/jobs", headers=other).json() == {"jobs": []}


class TestFew:
    @pytest.fixture
    def options(self) -> ServeOptions:
        return ServeOptions(waiting_uploads=1, upload_bytes=100)

    def test_more_uploads_than_may_wait_are_told_to_come_back(self, own: Desk) -> None:
        begin(own, 50)
        answer = own.client.post("/v1/uploads", json={"name": "b", "size": 50})
        assert (answer.status_code, answer.json()["code"]) == (429, "too-many-uploads")

    def test_a_file_that_is_too_large_is_refused_before_it_is_sent(self, own: Desk) -> None:
        answer = own.client.post("/v1/uploads", json={"name": "b", "size": 101})
        assert answer.status_code == 413
