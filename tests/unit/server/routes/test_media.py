"""Items, their pictures and their bytes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sensorium.server.access.keys import Role
from sensorium.server.access.signing import Signer
from sensorium.server.problems import Problem
from sensorium.server.routes.media import stretch
from sensorium.testing.media import recording, tones
from sensorium.testing.pdfs import Pdf, text

from ..conftest import Desk


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


def test_the_preview_of_an_item_that_is_listed_has_a_size(desk: Desk) -> None:
    assert item(desk, "red.png")["preview_size"] == desk.client.get("/v1/items").json()["items"][0]["preview_size"]
    assert "preview_size" not in item(desk, "note.txt")


@pytest.fixture
def paper(own: Desk, tmp_path: Path) -> Path:
    path = tmp_path / "paper.pdf"
    words = "The kettle sings when the water boils and the tea is poured."
    path.write_bytes(Pdf().page(text(72, 100, words)).page(text(72, 700, "A second page tells of the harbour.")).data())
    assert str(own.library.add(path)) == "1 added"
    return path


def passage(desk: Desk, name: str, page: int) -> Any:
    whole = desk.client.get(item(desk, name)["links"]["item"]).json()
    return next(one for one in whole["pieces"] if one["text"] and one["place"]["page"] == page)


def sides(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


def test_a_page_is_drawn_anew_as_large_as_it_is_wanted(own: Desk, paper: Path) -> None:
    address = passage(own, "paper.pdf", 2)["links"]["preview"]
    small, large = own.client.get(address).content, own.client.get(f"{address}&side=1600").content
    assert max(sides(small)) <= 256
    assert max(sides(large)) == 1600
    shape = sides(large)[0] / sides(large)[1]
    assert abs(shape - sides(small)[0] / sides(small)[1]) < 0.02


def test_it_is_the_page_that_the_passage_stands_on(own: Desk, paper: Path) -> None:
    first, second = (
        np.asarray(
            Image.open(
                io.BytesIO(own.client.get(f"{passage(own, 'paper.pdf', page)['links']['preview']}&side=800").content)
            )
        )
        for page in (1, 2)
    )
    upper = slice(0, first.shape[0] // 2)
    assert first[upper].min() < 128 < second[upper].min()


@pytest.mark.parametrize(
    "change", [Path.unlink, lambda path: path.write_bytes(b"%PDF-1.7 another")], ids=["gone", "changed"]
)
def test_where_the_file_is_not_as_it_was_the_small_picture_is_shown(own: Desk, paper: Path, change: Any) -> None:
    address = passage(own, "paper.pdf", 1)["links"]["preview"]
    small = own.client.get(address).content
    change(paper)
    assert own.client.get(f"{address}&side=1600").content == small


def test_a_picture_is_shown_as_large_as_it_is_wanted_too(own: Desk, tmp_path: Path) -> None:
    Image.new("RGB", (1200, 900), (10, 90, 200)).save(tmp_path / "large.png")
    own.library.add(tmp_path / "large.png")
    address = item(own, "large.png")["links"]["preview"]
    assert max(sides(own.client.get(f"{address}&side=800").content)) == 800


@pytest.mark.parametrize("side", [-1, 1601, "x"])
def test_a_side_that_is_none_is_refused(desk: Desk, side: object) -> None:
    assert desk.client.get(f"{item(desk, 'red.png')['links']['preview']}&side={side}").status_code == 422


def test_a_larger_picture_is_shown_to_nobody_else(own: Desk, paper: Path) -> None:
    piece = passage(own, "paper.pdf", 1)["piece"]
    answer = own.client.get(f"/v1/pieces/{piece}/preview?side=1600", headers=own.key(Role.READER, tenant="other"))
    assert answer.json()["code"] == "item-not-found"


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
