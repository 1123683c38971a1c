"""Subtitles in files of their own beside a film: a part of it, and what becomes of both."""

from __future__ import annotations

import threading

import pytest

from sensorium.core.errors import Excluded
from sensorium.core.items import Aspect, Modality
from sensorium.core.receipts import Outcome
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.core.settings import Settings
from sensorium.ingest.discover import Found
from sensorium.ingest.sidecars import belongs, identity, language_of, paired

OWNER = Scope.local_owner()
FILM = "FILM\nwaves\nwind\na gull"
WORDS = "WEBVTT\nLand ahead!\nAt last."
OTHER_WORDS = "WEBVTT\nNothing but water."


def pieces(bench, name: str = "sea.mp4"):
    return bench.store.pieces_of(OWNER, bench.items()[name].id)


def subtitles(bench, name: str = "sea.mp4") -> list[str]:
    return [piece.text for piece in pieces(bench, name) if piece.aspect is Aspect.SUBTITLE]


# -- which belong to which ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("sea.srt", ""),
        ("sea.vtt", ""),
        ("sea.SRT", ""),
        ("sea.en.srt", "en"),
        ("sea.pt-BR.srt", "pt-br"),
        ("sea.en.sdh.srt", "en"),
        ("sea.forced.srt", ""),
    ],
)
def test_subtitles_under_the_name_of_a_film_belong_to_it(name: str, language: str) -> None:
    assert belongs(f"/f/{name}", "/f/sea.mp4")
    assert language_of(f"/f/{name}", "/f/sea.mp4") == language


@pytest.mark.parametrize(
    "name", ["/f/seaside.srt", "/f/sea 2.srt", "/f/sea.part2.srt", "/f/sea.2024.srt", "/g/sea.srt"]
)
def test_subtitles_under_another_name_do_not(name: str) -> None:
    assert not belongs(name, "/f/sea.mp4")


def test_neither_a_recording_nor_a_text_has_subtitles() -> None:
    assert not belongs("/f/sea.srt", "/f/sea.mp3")
    assert not belongs("/f/sea.txt", "/f/sea.mp4")


def test_the_identity_of_a_film_is_that_of_its_bytes_until_it_has_subtitles(bench) -> None:
    bench.write("sea.mp4", FILM)
    plain = bench.add().lines[0].item_id
    bench.write("sea.srt", WORDS)
    joined = bench.add().lines[0].item_id
    (bench.folder / "sea.srt").unlink()
    assert bench.add().lines[0].item_id == plain != joined
    assert identity("ab", []) == "ab"


# -- adding ------------------------------------------------------------------------------------------------------------


def test_subtitles_beside_a_film_are_pieces_of_it(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.en.srt", WORDS)
    receipt = bench.add()
    assert bench.below(receipt) == [("sea.mp4", "added"), ("sea.en.srt", "added")]
    assert len({line.item_id for line in receipt}) == 1
    assert "2 passages of sea.en.srt" in receipt.lines[0].reason
    assert receipt.lines[1].reason == "subtitles of sea.mp4"
    item = bench.items()["sea.mp4"]
    assert (item.modality, item.title) == (Modality.VIDEO, "sea")
    found = [piece for piece in pieces(bench) if piece.aspect is Aspect.SUBTITLE]
    assert [(piece.text, piece.place.seconds) for piece in found] == [
        ("Land ahead!", (0.0, 1.0)),
        ("At last.", (1.0, 2.0)),
    ]
    assert {piece.producer.name for piece in found} == {"reader.subtitles.fake"}
    assert {piece.attributes["language"] for piece in found} == {"en"}


def test_all_subtitles_of_a_film_join_it(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.en.srt", WORDS)
    bench.write("sea.de.vtt", OTHER_WORDS)
    assert bench.add().counts == {Outcome.ADDED: 3}
    assert sorted(subtitles(bench)) == ["At last.", "Land ahead!", "Nothing but water."]


def test_subtitles_without_a_film_are_an_item_of_their_own(bench) -> None:
    bench.write("sea.srt", WORDS)
    bench.write("seaside.mp4", FILM)
    assert bench.add().counts == {Outcome.ADDED: 2}
    assert set(bench.items()) == {"sea.srt", "seaside.mp4"}


def test_a_film_that_is_named_brings_its_subtitles(bench) -> None:
    film = bench.write("sea.mp4", FILM)
    bench.write("sea.srt", WORDS)
    bench.write("other.txt", "not named")
    assert bench.below(bench.add(film)) == [("sea.mp4", "added"), ("sea.srt", "added")]
    assert bench.add(film).counts == {Outcome.KNOWN: 2}
    assert bench.add(bench.folder / "sea.srt").counts == {Outcome.KNOWN: 2}
    assert bench.add().counts == {Outcome.KNOWN: 2, Outcome.ADDED: 1}


def test_subtitles_that_are_named_bring_their_film(bench) -> None:
    bench.write("sea.mp4", FILM)
    words = bench.write("sea.srt", WORDS)
    assert bench.below(bench.add(words)) == [("sea.mp4", "added"), ("sea.srt", "added")]
    assert set(bench.items()) == {"sea.mp4"}


def test_the_longest_name_gets_the_subtitles_and_of_equal_ones_the_first(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.en.mp4", FILM + "\nrain")
    bench.write("sea.en.srt", WORDS)
    bench.write("sky.mkv", FILM + "\nclouds")
    bench.write("sky.mp4", FILM + "\nsun")
    bench.write("sky.srt", OTHER_WORDS)
    bench.add()
    assert {name: subtitles(bench, name) for name in bench.items()} == {
        "sea.mp4": [],
        "sea.en.mp4": ["Land ahead!", "At last."],
        "sky.mkv": ["Nothing but water."],
        "sky.mp4": [],
    }


def test_what_is_named_as_a_film_and_is_none_has_no_subtitles(bench) -> None:
    bench.write("sea.mp4", "a text")
    bench.write("sea.srt", WORDS)
    assert bench.below(bench.add()) == [("sea.mp4", "added"), ("sea.srt", "added")]
    assert set(bench.items()) == {"sea.mp4", "sea.srt"}


def test_what_is_named_as_subtitles_and_is_none_is_a_file_of_its_own(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.srt", "a note about the film")
    assert bench.add().counts == {Outcome.ADDED: 2}
    assert set(bench.items()) == {"sea.mp4", "sea.srt"}
    assert bench.add().counts == {Outcome.KNOWN: 2}


def test_subtitles_that_can_not_be_read_are_refused_and_the_film_is_added(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.srt", "WEBVTT")
    bench.write("sea.de.srt", "Größe".encode("latin-1"))
    assert bench.add().counts == {Outcome.ADDED: 1, Outcome.REFUSED: 2}
    assert bench.refused() == {"sea.srt": "damaged", "sea.de.srt": "wrong-encoding"}
    assert bench.add().counts == {Outcome.KNOWN: 1, Outcome.REFUSED: 2}
    bench.write("sea.srt", WORDS, age=5)
    assert bench.below(bench.add())[0] == ("sea.mp4", "changed")
    assert subtitles(bench) == ["Land ahead!", "At last."]


def test_a_film_that_can_not_be_read_leaves_its_subtitles_alone(bench) -> None:
    bench.write("sea.mp4", "FILM\n")
    bench.write("sea.srt", WORDS)
    assert bench.below(bench.add()) == [("sea.mp4", "refused"), ("sea.srt", "added")]
    bench.write("sea.mp4", FILM, age=5)
    receipt = bench.add()
    assert bench.below(receipt) == [("sea.mp4", "added"), ("sea.srt", "changed")]
    assert set(bench.items()) == {"sea.mp4"}
    assert bench.refused() == {}


def test_passages_behind_the_end_of_a_film_are_left_out_with_a_note(bench) -> None:
    bench.write("sea.mp4", "FILM\nwaves")
    bench.write("sea.srt", WORDS)
    assert "1 of them behind its end" in bench.add().lines[0].reason
    assert subtitles(bench) == ["Land ahead!"]


def test_a_long_film_has_its_subtitles_once(bench, listener) -> None:
    bench.write("sea.mp4", FILM.replace("FILM", "FILM LONG"))
    bench.write("sea.srt", WORDS)
    bench.add(progress=listener)
    assert [reached for _, reached, _ in listener.reached] == [1.0, 2.0]
    assert [piece.text for piece in pieces(bench)] == ["waves", "wind", "a gull", "Land ahead!", "At last."]


def test_a_long_film_that_was_stopped_goes_on_with_the_same_subtitles_only(bench, listener) -> None:
    bench.write("sea.mp4", FILM.replace("FILM", "FILM LONG"))
    bench.write("sea.srt", WORDS)
    stop = threading.Event()
    listener.advanced = lambda source, reached, length: stop.set()
    assert bench.add(stop=stop, progress=listener).interrupted
    bench.write("sea.srt", OTHER_WORDS, age=5)
    bench.add()
    assert subtitles(bench) == ["Nothing but water."]
    assert [piece.text for piece in pieces(bench)][:3] == ["waves", "wind", "a gull"]


def test_a_film_in_an_archive_has_the_subtitles_that_lie_beside_it_there(bench) -> None:
    bench.pack("a.zip", {"films/sea.mp4": FILM, "films/sea.srt": WORDS, "sea.srt": OTHER_WORDS})
    receipt = bench.add(archives=True)
    assert bench.below(receipt) == [
        ("a.zip!/films/sea.mp4", "added"),
        ("a.zip!/films/sea.srt", "added"),
        ("a.zip!/sea.srt", "added"),
    ]
    assert subtitles(bench) == ["Land ahead!", "At last."]
    assert bench.add(archives=True).counts == {Outcome.KNOWN: 3}
    assert bench.unpacker.opened == 1
    bench.pack("a.zip", {"films/sea.mp4": FILM, "films/sea.srt": OTHER_WORDS}, age=5)
    assert bench.below(bench.add(archives=True, prune=True)) == [
        ("a.zip!/films/sea.mp4", "changed"),
        ("a.zip!/films/sea.srt", "changed"),
        ("a.zip!/sea.srt", "forgotten"),
    ]
    assert subtitles(bench) == ["Nothing but water."]


# -- again -------------------------------------------------------------------------------------------------------------


def test_adding_twice_is_adding_once_and_reads_neither(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.srt", WORDS)
    bench.add()
    generation, read = bench.store.generation(), len(bench.reader.read_contents)
    receipt = bench.add()
    assert bench.below(receipt) == [("sea.mp4", "known"), ("sea.srt", "known")]
    assert len({line.item_id for line in receipt}) == 1
    assert bench.store.generation() == generation
    assert len(bench.reader.read_contents) == read


def test_files_that_were_touched_are_known(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.srt", WORDS)
    bench.add()
    bench.write("sea.srt", WORDS, age=5)
    assert bench.below(bench.add()) == [("sea.mp4", "known"), ("sea.srt", "known")]
    assert FILM.encode() not in bench.reader.read_contents[2:], "the film is not read again"


def test_subtitles_that_changed_refresh_their_film(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.srt", WORDS)
    bench.add()
    bench.write("sea.srt", OTHER_WORDS, age=5)
    receipt = bench.add()
    assert bench.below(receipt) == [("sea.mp4", "changed"), ("sea.srt", "changed")]
    assert len({line.item_id for line in receipt}) == 1
    assert bench.texts() == {"waves", "wind", "a gull", "Nothing but water."}
    assert len(bench.items()) == 1


def test_a_film_that_changed_keeps_its_subtitles(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.srt", WORDS)
    bench.add()
    bench.write("sea.mp4", "FILM\nrain\nfog", age=5)
    assert bench.add().counts == {Outcome.CHANGED: 2}
    assert bench.texts() == {"rain", "fog", "Land ahead!", "At last."}


def test_subtitles_that_came_later_join_the_film(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.add()
    bench.write("sea.srt", WORDS)
    assert bench.below(bench.add()) == [("sea.mp4", "changed"), ("sea.srt", "added")]
    assert subtitles(bench) == ["Land ahead!", "At last."]
    assert len(bench.items()) == 1


def test_a_film_that_came_later_takes_the_subtitles(bench) -> None:
    bench.write("sea.srt", WORDS)
    bench.add()
    bench.write("sea.mp4", FILM)
    assert bench.below(bench.add()) == [("sea.mp4", "added"), ("sea.srt", "changed")]
    assert set(bench.items()) == {"sea.mp4"}


@pytest.mark.parametrize("named", [False, True])
def test_subtitles_that_are_gone_leave_the_film(bench, named: bool) -> None:
    film = bench.write("sea.mp4", FILM)
    bench.write("sea.srt", WORDS)
    bench.add()
    (bench.folder / "sea.srt").unlink()
    receipt = bench.add(film) if named else bench.add()
    assert bench.below(receipt) == [("sea.mp4", "changed"), ("sea.srt", "forgotten")]
    assert bench.texts() == {"waves", "wind", "a gull"}
    assert len(bench.items()) == 1
    assert bench.below(bench.add()) == [("sea.mp4", "known")]


def test_subtitles_whose_film_is_gone_are_an_item_of_their_own(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.srt", WORDS)
    bench.add()
    (bench.folder / "sea.mp4").unlink()
    assert bench.below(bench.add()) == [("sea.srt", "changed"), ("sea.mp4", "vanished")]
    assert set(bench.items()) == {"sea.mp4", "sea.srt"}
    assert bench.below(bench.add(prune=True)) == [("sea.srt", "known"), ("sea.mp4", "forgotten")]
    assert bench.texts() == {"Land ahead!", "At last."}


def test_both_gone_are_pruned_as_one(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.srt", WORDS)
    bench.write("stays.txt", "stays")
    bench.add()
    (bench.folder / "sea.mp4").unlink()
    (bench.folder / "sea.srt").unlink()
    assert bench.add().counts == {Outcome.KNOWN: 1, Outcome.VANISHED: 2}
    assert bench.add(prune=True).counts == {Outcome.KNOWN: 1, Outcome.FORGOTTEN: 2}
    assert bench.texts() == {"stays"}


def test_subtitles_that_became_bad_leave_the_film(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.srt", WORDS)
    bench.add()
    bench.write("sea.srt", "WEBVTT", age=5)
    receipt = bench.add()
    assert bench.below(receipt) == [("sea.mp4", "changed"), ("sea.srt", "refused")]
    assert "kept" not in receipt.lines[1].reason
    assert subtitles(bench) == []
    assert len(bench.items()) == 1
    assert bench.below(bench.add()) == [("sea.mp4", "known"), ("sea.srt", "refused")]


def test_another_film_of_a_name_that_comes_first_takes_the_subtitles(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.srt", WORDS)
    bench.add()
    bench.write("sea.mkv", FILM + "\nrain")
    assert bench.below(bench.add()) == [("sea.mkv", "added"), ("sea.srt", "changed"), ("sea.mp4", "changed")]
    assert (subtitles(bench, "sea.mkv"), subtitles(bench, "sea.mp4")) == (["Land ahead!", "At last."], [])
    assert bench.add().counts == {Outcome.KNOWN: 3}


@pytest.mark.parametrize("batch_files", [1, 8])
def test_a_film_and_its_subtitles_that_moved_keep_their_item_and_are_not_read(bench, batch_files: int) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.en.srt", WORDS)
    item = bench.add().lines[0].item_id
    (bench.folder / "films").mkdir()
    for name in ("sea.mp4", "sea.en.srt"):
        (bench.folder / name).rename(bench.folder / "films" / name)
    receipt = bench.add(settings=Settings(batch_files=batch_files))
    assert bench.below(receipt) == [("films/sea.mp4", "moved"), ("films/sea.en.srt", "moved")]
    assert {line.item_id for line in receipt} == {item}
    assert receipt.lines[0].reason == f"from {bench.folder}/sea.mp4"
    assert receipt.lines[1].reason == f"from {bench.folder}/sea.en.srt; subtitles of sea.mp4"
    assert bench.reader.read_contents.count(FILM.encode()) == 1
    assert bench.add().counts == {Outcome.KNOWN: 2}


def test_a_copy_of_both_is_one_item_that_names_a_film(bench) -> None:
    for folder in ("a", "b"):
        bench.write(f"{folder}/sea.mp4", FILM)
        bench.write(f"{folder}/sea.en.srt", WORDS)
    assert bench.add().counts == {Outcome.ADDED: 2, Outcome.KNOWN: 2}
    for name in ("sea.mp4", "sea.en.srt"):
        (bench.folder / "a" / name).unlink()
    bench.write("a/stays.txt", "stays")
    bench.add(prune=True)
    assert bench.items()["sea.mp4"].lineage.source == f"{bench.folder}/b/sea.mp4"


def test_a_copy_without_subtitles_is_another_item(bench) -> None:
    bench.write("a/sea.mp4", FILM)
    bench.write("a/sea.srt", WORDS)
    bench.write("b/sea.mp4", FILM)
    receipt = bench.add()
    assert receipt.counts == {Outcome.ADDED: 3}
    assert len({line.item_id for line in receipt}) == 2


def test_forgetting_a_film_forgets_its_subtitles(bench) -> None:
    bench.write("sea.mp4", FILM)
    bench.write("sea.srt", WORDS)
    item = bench.add().lines[0].item_id
    if not hasattr(bench.store, "forget"):
        pytest.skip("the store in memory forgets nothing")
    bench.store.forget(OWNER, [item])
    assert list(bench.store.sightings(OWNER)) == []
    assert list(bench.store.items(OWNER, EVERYTHING)) == []
    assert bench.add().counts == {Outcome.ADDED: 2}


def test_pairing_keeps_what_was_refused_and_the_order(tmp_path) -> None:
    refused = Found(source="/f/.x.srt", refused=Excluded("hidden"))
    found = [refused, Found(source="/f/a.txt"), Found(source="/f/sea.en.srt"), Found(source="/f/sea.mp4")]
    units = paired(found, lambda folder: ["/f/a.txt", "/f/sea.en.srt", "/f/sea.mp4"])
    assert units == [refused, Found(source="/f/a.txt"), Found(source="/f/sea.mp4", sidecars=("/f/sea.en.srt",))]
