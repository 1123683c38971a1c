"""Archives opened as folders: what is in them behaves as files in a folder do."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from sensorium.core.contents import Member
from sensorium.core.errors import WriteFailed
from sensorium.core.receipts import Outcome
from sensorium.core.settings import Settings
from sensorium.testing.documents import zipped

RED = b"IMG\xff\x00\x00"
FILES = {"notes/a.txt": "one", "red.png": RED}


# -- on request --------------------------------------------------------------------------------------------------------


def test_the_files_in_an_archive_are_added_under_its_name(bench) -> None:
    bench.pack("a.zip", FILES)
    receipt = bench.add(archives=True)
    assert bench.below(receipt) == [("a.zip!/notes/a.txt", "added"), ("a.zip!/red.png", "added")]
    item = bench.items()["a.txt"]
    assert item.title == "a"
    assert item.lineage.source == f"{bench.folder}/a.zip!/notes/a.txt"
    assert (item.lineage.size, item.lineage.modified_at) == (3, bench.now - 10)
    assert bench.texts() == {"one"}


def test_without_being_asked_an_archive_is_one_refused_line(bench) -> None:
    bench.pack("a.zip", FILES)
    receipt = bench.add()
    assert bench.below(receipt) == [("a.zip", "refused")]
    assert bench.refused() == {"a.zip": "archive"}
    assert bench.unpacker.opened == 0


def test_the_refusal_is_gone_when_it_is_opened(bench) -> None:
    bench.pack("a.zip", FILES)
    bench.add()
    assert bench.add(archives=True).counts == {Outcome.ADDED: 2}
    assert bench.refused() == {}


def test_what_it_held_is_kept_where_it_is_not_opened_again(bench) -> None:
    bench.pack("a.zip", FILES)
    bench.add(archives=True)
    receipt = bench.add(prune=True)
    assert bench.below(receipt) == [("a.zip", "refused")]
    assert "kept" in receipt.lines[0].reason
    assert bench.texts() == {"one"}
    assert bench.below(bench.add(archives=True)) == [("a.zip!/notes/a.txt", "known"), ("a.zip!/red.png", "known")]
    assert bench.refused() == {}


def test_an_archive_that_is_named_is_opened(bench) -> None:
    archive = bench.pack("a.zip", FILES)
    assert bench.add(archive, archives=True).counts == {Outcome.ADDED: 2}
    assert bench.add(archive, archives=True).counts == {Outcome.KNOWN: 2}
    bench.pack("a.zip", {"red.png": RED}, age=5)
    assert bench.below(bench.add(archive, archives=True, prune=True)) == [
        ("a.zip!/red.png", "known"),
        ("a.zip!/notes/a.txt", "forgotten"),
    ]


def test_a_long_file_in_an_archive_is_read_in_parts(bench) -> None:
    bench.pack("a.zip", {"film.txt": "LONG\none\ntwo\nthree"})
    bench.add(archives=True)
    assert bench.texts() == {"one", "two", "three"}


def test_a_packed_file_is_named_as_its_archive_says(bench) -> None:
    def unpack(descriptor, into):
        into.write(b"one")
        return (Member(name="", start=0, size=3),)

    bench.write("notes.txt.gz", b"PK, as far as the tests know")
    bench.unpacker.unpack = unpack
    assert bench.below(bench.add(archives=True)) == [("notes.txt.gz!/notes.txt", "added")]


# -- again -------------------------------------------------------------------------------------------------------------


def test_adding_twice_is_adding_once_and_opens_nothing(bench) -> None:
    bench.pack("a.zip", FILES)
    bench.add(archives=True)
    generation = bench.store.generation()
    assert bench.add(archives=True).counts == {Outcome.KNOWN: 2}
    assert bench.unpacker.opened == 1
    assert bench.store.generation() == generation


def test_an_archive_that_was_touched_is_opened_and_nothing_in_it_read(bench) -> None:
    bench.pack("a.zip", FILES)
    bench.add(archives=True)
    read = len(bench.reader.read_contents)
    bench.pack("a.zip", FILES, age=5)
    assert bench.add(archives=True).counts == {Outcome.KNOWN: 2}
    assert len(bench.reader.read_contents) == read + 1, "the archive alone"
    assert bench.add(archives=True).counts == {Outcome.KNOWN: 2}
    assert bench.unpacker.opened == 2


def test_an_archive_changed_right_after_it_was_seen_is_noticed(bench) -> None:
    bench.pack("a.zip", {"a.txt": "one"}, age=1)
    bench.add(archives=True)
    bench.pack("a.zip", {"a.txt": "two"}, age=1)
    assert bench.below(bench.add(archives=True)) == [("a.zip!/a.txt", "changed")]
    assert bench.texts() == {"two"}


def test_a_member_that_changed_replaces_its_item(bench) -> None:
    bench.pack("a.zip", {"a.txt": "old", "b.txt": "same"})
    bench.add(archives=True)
    bench.pack("a.zip", {"a.txt": "new", "b.txt": "same"}, age=5)
    assert bench.below(bench.add(archives=True)) == [("a.zip!/a.txt", "changed"), ("a.zip!/b.txt", "known")]
    assert bench.texts() == {"new", "same"}


def test_a_member_that_vanished_is_kept_until_it_is_pruned(bench) -> None:
    bench.pack("a.zip", {"a.txt": "one", "b.txt": "two"})
    bench.add(archives=True)
    bench.pack("a.zip", {"b.txt": "two"}, age=5)
    vanished = [("a.zip!/b.txt", "known"), ("a.zip!/a.txt", "vanished")]
    assert bench.below(bench.add(archives=True)) == vanished
    assert bench.below(bench.add(archives=True)) == vanished
    assert bench.unpacker.opened == 2
    assert bench.texts() == {"one", "two"}
    assert bench.below(bench.add(archives=True, prune=True)) == [
        ("a.zip!/b.txt", "known"),
        ("a.zip!/a.txt", "forgotten"),
    ]
    assert bench.texts() == {"two"}


def test_an_archive_that_is_put_back_is_what_it_was(bench) -> None:
    first, second = {"a.txt": "one", "b.txt": "two"}, {"b.txt": "two"}
    bench.pack("a.zip", first, age=20)
    bench.add(archives=True)
    bench.pack("a.zip", second, age=10)
    assert bench.below(bench.add(archives=True)) == [("a.zip!/b.txt", "known"), ("a.zip!/a.txt", "vanished")]
    bench.pack("a.zip", first, age=20)
    assert bench.add(archives=True, prune=True).counts == {Outcome.KNOWN: 2}
    assert bench.add(archives=True, prune=True).counts == {Outcome.KNOWN: 2}


def test_an_archive_that_is_put_back_after_a_run_that_ended_within_another_is_what_it_was(bench, listener) -> None:
    first = {f"{number:02}.txt": f"text {number}" for number in range(12)}
    bench.pack("a.zip", first, age=20)
    bench.add(archives=True)
    bench.pack("a.zip", {**first, "new.txt": "new"}, age=10)
    stop = threading.Event()
    listener.settled = lambda line: stop.set()
    assert bench.add(archives=True, stop=stop, progress=listener).interrupted
    bench.pack("a.zip", first, age=20)
    assert bench.add(archives=True, prune=True).counts == {Outcome.KNOWN: 12}


def test_what_lies_in_an_archive_that_is_gone_vanished(bench) -> None:
    bench.pack("a.zip", {"a.txt": "one"})
    bench.write("b.txt", "two")
    bench.add(archives=True)
    (bench.folder / "a.zip").unlink()
    assert bench.below(bench.add()) == [("b.txt", "known"), ("a.zip!/a.txt", "vanished")]
    assert bench.below(bench.add(prune=True)) == [("b.txt", "known"), ("a.zip!/a.txt", "forgotten")]


def test_an_archive_that_became_bad_keeps_what_it_held(bench) -> None:
    bench.pack("a.zip", {"a.txt": "one"})
    bench.add(archives=True)
    bench.write("a.zip", b"PK, and no more", age=5)
    receipt = bench.add(archives=True, prune=True)
    assert bench.below(receipt) == [("a.zip", "refused")]
    assert "kept" in receipt.lines[0].reason
    assert bench.texts() == {"one"}


def test_a_file_in_the_place_of_an_archive_leaves_nothing_in_it(bench) -> None:
    bench.pack("a.zip", {"a.txt": "one"})
    bench.add(archives=True)
    bench.write("a.zip", "a text now", age=5)
    assert bench.below(bench.add(prune=True)) == [("a.zip", "added"), ("a.zip!/a.txt", "forgotten")]


def test_an_archive_in_the_place_of_a_file_replaces_it(bench) -> None:
    bench.write("a.zip", "a text")
    bench.add()
    bench.pack("a.zip", {"a.txt": "one"}, age=5)
    assert bench.below(bench.add(archives=True)) == [("a.zip!/a.txt", "added"), ("a.zip", "forgotten")]
    assert bench.texts() == {"one"}
    assert bench.below(bench.add(archives=True)) == [("a.zip!/a.txt", "known")]


def test_a_moved_archive_keeps_its_items(bench) -> None:
    bench.pack("a.zip", {"a.txt": "one"})
    item = bench.add(archives=True).lines[0].item_id
    (bench.folder / "a.zip").rename(bench.folder / "b.zip")
    receipt = bench.add(archives=True)
    assert bench.below(receipt) == [("b.zip!/a.txt", "moved")]
    assert receipt.lines[0].item_id == item
    assert receipt.lines[0].reason == f"from {bench.folder}/a.zip!/a.txt"


def test_a_file_and_a_member_of_one_content_are_one_item(bench) -> None:
    bench.write("a.txt", "one")
    bench.pack("b.zip", {"a.txt": "one"})
    receipt = bench.add(archives=True)
    assert bench.below(receipt) == [("a.txt", "added"), ("b.zip!/a.txt", "known")]
    (bench.folder / "b.zip").unlink()
    bench.add(archives=True, prune=True)
    assert bench.texts() == {"one"}


def test_content_that_lost_its_item_meanwhile_is_read_after_all_and_nothing_else(bench) -> None:
    bench.write("a.txt", "first")
    bench.add()
    bench.write("a.txt", "second", age=5)
    bench.pack("b.zip", {"x.txt": "other", "z.txt": "first"})

    class Knowing:
        """Knows it while it is being read, and not any more when it is judged."""

        def __init__(self, store) -> None:
            self.store, self.asked = store, 0

        def __getattr__(self, name):
            return getattr(self.store, name)

        def known(self, scope, content_hash, rights):
            if threading.current_thread().name == "sensorium-read" and content_hash.startswith("a7937b64"):
                return "it was there"
            return self.store.known(scope, content_hash, rights)

    bench.store = Knowing(bench.store)
    receipt = bench.add(archives=True, settings=Settings(batch_files=1))
    assert bench.below(receipt) == [("a.txt", "changed"), ("b.zip!/x.txt", "added"), ("b.zip!/z.txt", "added")]
    assert bench.texts() == {"first", "second", "other"}


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_each_bad_member_is_one_refused_line_with_its_reason(bench) -> None:
    files = {"../out.txt": "x", "a.txt": "one", "bad.png": b"IMG", "empty.txt": "", "in.zip": zipped({"b.txt": "two"})}
    bench.pack("a.zip", files)
    receipt = bench.add(archives=True)
    assert {line.source.partition("!/")[2]: line.code for line in receipt} == {
        "../out.txt": "damaged",
        "a.txt": "",
        "bad.png": "damaged",
        "empty.txt": "empty",
        "in.zip": "archive",
    }
    assert all(line.reason for line in receipt.of(Outcome.REFUSED))
    assert bench.add(archives=True).counts == {Outcome.REFUSED: 4, Outcome.KNOWN: 1}


def test_hidden_and_system_files_are_left_out_by_one_line_for_a_folder(bench) -> None:
    bench.pack("a.zip", {"__MACOSX/._a": "x", "__MACOSX/b": "y", ".git/x": "z", "a.txt": "one", "d/.DS_Store": "w"})
    lines = [
        ("a.zip!/.git", "refused"),
        ("a.zip!/__MACOSX", "refused"),
        ("a.zip!/a.txt", "added"),
        ("a.zip!/d/.DS_Store", "refused"),
    ]
    assert bench.below(bench.add(archives=True)) == lines
    again = bench.add(archives=True)
    assert sorted(bench.below(again)) == [(name, outcome.replace("added", "known")) for name, outcome in lines]
    assert bench.unpacker.opened == 1, "what is refused by its name is refused without opening it"


def test_an_archive_of_which_something_was_refused_is_tried_again(bench) -> None:
    bench.pack("a.zip", {"a.txt": "one", "b.png": b"IMG"})
    bench.add(archives=True)
    bench.add(archives=True)
    assert bench.unpacker.opened == 2


def test_an_archive_without_files_is_refused(bench) -> None:
    bench.pack("a.zip", {"folder/": ""})
    assert bench.below(bench.add(archives=True)) == [("a.zip", "refused")]
    assert bench.refused() == {"a.zip": "empty"}


def test_a_folder_of_the_name_that_members_would_have_stands_in_the_way(bench) -> None:
    bench.pack("a.zip", {"b.txt": "one"})
    bench.write("a.zip!/b.txt", "two")
    receipt = bench.add(archives=True)
    assert bench.below(receipt) == [("a.zip", "refused"), ("a.zip!/b.txt", "added")]
    assert "rename" in receipt.lines[0].reason
    assert bench.below(bench.add(archives=True)) == [("a.zip", "refused"), ("a.zip!/b.txt", "known")]
    assert bench.texts() == {"two"}


def test_an_archive_that_changes_while_it_is_unpacked_is_refused(bench) -> None:
    archive = bench.pack("a.zip", {"b.txt": "one"})
    unpack = bench.unpacker.unpack

    def changing(descriptor, into):
        found = unpack(descriptor, into)
        with archive.open("ab") as file:
            file.write(b"more")
        return found

    bench.unpacker.unpack = changing
    assert bench.below(bench.add(archives=True)) == [("a.zip", "refused")]
    assert bench.refused() == {"a.zip": "changed-while-read"}


def test_a_disk_that_is_full_ends_the_run_with_what_was_done(bench) -> None:
    bench.write("a.txt", "one")
    bench.pack("b.zip", {"b.txt": "two"})

    def full(descriptor, into):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    bench.unpacker.unpack = full
    with pytest.raises(WriteFailed, match="No space"):
        bench.add(archives=True, settings=Settings(batch_files=1))
    assert bench.texts() == {"one"}


def test_a_refused_member_that_is_gone_does_not_stand_in_the_way(bench) -> None:
    bench.pack("a.zip", {"a.txt": "one", "b.png": b"IMG"})
    bench.add(archives=True)
    bench.pack("a.zip", {"a.txt": "one"}, age=5)
    assert bench.below(bench.add(archives=True)) == [("a.zip!/a.txt", "known"), ("a.zip!/b.png", "vanished")]
    assert bench.refused() == {}


# -- retry -------------------------------------------------------------------------------------------------------------


def test_retry_opens_the_archives_in_which_something_was_refused(bench) -> None:
    bench.pack("a.zip", {"a.txt": "one", "b.png": b"IMG"})
    bench.add(archives=True)
    bench.pack("c.zip", {"c.txt": "two"})
    bench.add()
    bench.pack("a.zip", {"a.txt": "one", "b.png": RED}, age=5)
    assert bench.below(bench.retry()) == [
        ("a.zip!/a.txt", "known"),
        ("a.zip!/b.png", "added"),
        ("c.zip", "refused"),
    ]


def test_retry_follows_no_name_out_of_an_archive(bench) -> None:
    bench.write("secret.txt", "kept to oneself")
    archive = bench.pack("sub/a.zip", {"../../secret.txt": "x", "a.txt": "one"})
    bench.add(archive, archives=True)
    assert bench.below(bench.retry()) == [("sub/a.zip!/../../secret.txt", "refused"), ("sub/a.zip!/a.txt", "known")]
    (bench.folder / "sub/a.zip!").mkdir()
    assert "kept to oneself" not in bench.texts()
    bench.retry()
    assert "kept to oneself" not in bench.texts()


# -- stopping ----------------------------------------------------------------------------------------------------------


def test_a_run_that_ends_within_an_archive_goes_on_there(bench, listener) -> None:
    bench.pack("a.zip", {f"{number:02}.txt": f"text {number}" for number in range(20)})
    stop = threading.Event()
    listener.settled = lambda line: (listener.lines.append(line), len(listener.lines) == 8 and stop.set())
    receipt = bench.add(archives=True, stop=stop, progress=listener)
    assert receipt.interrupted
    assert 8 <= len(receipt) < 20
    again = bench.add(archives=True)
    assert again.counts == {Outcome.KNOWN: len(receipt), Outcome.ADDED: 20 - len(receipt)}
    assert bench.add(archives=True).counts == {Outcome.KNOWN: 20}
    assert bench.unpacker.opened == 2


def test_nothing_unpacked_is_left_in_the_folder(bench, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    names = []
    bench.reader.before = lambda content: names.extend(scratch.iterdir())
    bench.pack("a.zip", FILES)
    bench.add(archives=True, scratch=scratch)
    assert names == []
    assert list(scratch.iterdir()) == []


def test_progress_counts_the_files_in_an_archive(bench, listener) -> None:
    bench.write("a.txt", "one")
    bench.pack("b.zip", {"b.txt": "two", "c.txt": "three", "d.txt": "four"})
    bench.add(archives=True, progress=listener)
    assert listener.counts[-1] == len(listener.lines) == 4
