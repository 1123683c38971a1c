"""Items, their pictures and their bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sensorium.server.media import stretch
from sensorium.server.problems import Problem
from sensorium.server.signing import Signer
from sensorium.testing.media import recording, tones

from .conftest import Desk


def item(desk: Desk, name: str) -> Any:
    return next(one for one in desk.client.get("/v1/items").json()["items"] if one["path"] == name)


@pytest.fixture
def sound(own: Desk, tmp_path: Path) -> bytes:
    data = recording(tones(1.0))
    (tmp_path / "tones.wav").write_bytes(data)
    receipt = own.library.add(tmp_path / "tones.wav")
    assert str(receipt) == "1 added", receipt.lines
    return data


def test_items_are_listed_the_last_one_first_page_by_page(desk: Desk) -> None:
    whole = [one["id"] for one in desk.client.get("/v1/items").json()["items"]]
    first = desk.client.get("/v1/items", params={"limit": 2}).json()
    second = desk.client.get("/v1/items", params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["id"] for one in first["items"] + second["items"]] == whole
    assert whole == [one.id for one in desk.library.latest()]
    assert second["next"] is None


def test_an_item_is_shown_whole_without_its_folder(desk: Desk) -> None:
    answer = desk.client.get(item(desk, "note.txt")["links"]["item"])
    assert answer.json()["pieces"][0]["text"] == "a red fox sleeps"
    assert str(desk.files) not in answer.text


def test_a_preview_is_a_picture_that_was_encoded_anew(desk: Desk) -> None:
    answer = desk.client.get(item(desk, "red.png")["links"]["preview"])
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content != (desk.files / "red.png").read_bytes()


def test_a_preview_that_is_known_is_not_sent_again(desk: Desk) -> None:
    address = item(desk, "red.png")["links"]["preview"]
    tag = desk.client.get(address).headers["ETag"]
    assert desk.client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_a_picture_is_given_whole_but_never_as_it_was_added(desk: Desk) -> None:
    answer = desk.client.get(item(desk, "red.png")["links"]["media"])
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content != (desk.files / "red.png").read_bytes()


def test_a_text_is_never_given_as_it_was_added(desk: Desk) -> None:
    address = f"{item(desk, 'note.txt')['links']['item']}/media"
    assert desk.client.get(address).json()["code"] == "not-playable"


def test_a_picture_whose_file_is_gone_is_a_problem_without_a_path(own: Desk) -> None:
    address = item(own, "red.png")["links"]["media"]
    (own.files / "red.png").unlink()
    answer = own.client.get(address)
    assert answer.status_code == 400
    assert str(own.files) not in answer.text


def test_a_recording_is_given_in_stretches(own: Desk, sound: bytes) -> None:
    address = item(own, "tones.wav")["links"]["media"]
    assert own.client.get(address).content == sound
    part = own.client.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, sound[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(sound)}"
    assert own.client.get(address, headers={"Range": f"bytes={len(sound)}-"}).status_code == 416


def test_a_recording_that_was_changed_is_not_given(own: Desk, sound: bytes, tmp_path: Path) -> None:
    address = item(own, "tones.wav")["links"]["media"]
    (tmp_path / "tones.wav").write_bytes(sound + b"more")
    assert own.client.get(address).json()["code"] == "changed-while-read"


@pytest.mark.parametrize("change", ["x", "0"])
def test_a_signature_that_was_changed_opens_nothing(desk: Desk, change: str) -> None:
    address = item(desk, "red.png")["links"]["preview"]
    answer = desk.client.get(address[:-1] + ("1" if address.endswith(change) else change) + "0")
    assert (answer.status_code, answer.json()["code"]) == (403, "address-over")


def test_a_signed_address_ends() -> None:
    now = [1_000.0]
    signer = Signer(60, clock=lambda: now[0], secret=b"secret")
    signature = signer.signed("/v1/pieces/a.0/preview", "local").partition("sig=")[2]
    assert signer.caller("/v1/pieces/a.0/preview", signature) == "local"
    now[0] += 60 + 900
    assert signer.caller("/v1/pieces/a.0/preview", signature) is None


@pytest.mark.parametrize(
    ("header", "wanted"),
    [("bytes=0-0", (0, 1)), ("bytes=5-", (5, 10)), ("bytes=-3", (7, 10)), ("bytes=2-99", (2, 10)), (None, None)],
)
def test_a_range_is_read_as_the_standard_says(header: str | None, wanted: tuple[int, int] | None) -> None:
    assert stretch(header, 10) == wanted


@pytest.mark.parametrize("header", ["bytes=a-b", "lines=1-2", "bytes=5-2", "bytes=-", "bytes=0-1,3-4"])
def test_a_range_that_can_not_be_read_stands_for_all(header: str) -> None:
    assert stretch(header, 10) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_beyond_the_end_is_a_problem(header: str) -> None:
    with pytest.raises(Problem):
        stretch(header, 10)


def test_an_item_is_erased(own: Desk) -> None:
    gone = item(own, "red.png")
    assert own.client.delete(gone["links"]["item"]).json() == {"forgotten": 1}
    assert own.client.get(gone["links"]["item"]).status_code == 404
    assert own.client.get(gone["links"]["preview"]).status_code == 404
