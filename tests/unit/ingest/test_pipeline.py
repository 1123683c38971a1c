"""What `add` and `retry` make of files, told by the receipt and held against the store."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.errors import BadInput, PluginBroken
from sensorium.core.items import Modality
from sensorium.core.receipts import Outcome, ReceiptLine
from sensorium.core.scopes import Scope
from sensorium.core.settings import Settings
from sensorium.testing.encoders import HashEncoder

OWNER = Scope.local_owner()
RED = b"IMG\xff\x00\x00"
BLUE = b"IMG\x00\x00\xff"


# -- adding ----------------------------------------------------------------------------------------------------------


def test_texts_and_pictures_are_added_with_what_is_known_of_them(bench) -> None:
    bench.write("red.png", RED)
    bench.write("sub/notes.txt", "one\n\ntwo")
    receipt = bench.add()
    assert bench.lines(receipt) == [("red.png", "added"), ("notes.txt", "added")]
    assert receipt.pieces == 3
    assert bench.texts() == {"one", "two"}
    notes = bench.items()["notes.txt"]
    assert (notes.title, notes.modality, notes.media_type) == ("notes", Modality.TEXT, "text/plain")
    assert (notes.lineage.size, notes.lineage.modified_at) == (8, bench.now - 10)
    assert notes.rights.readers == {"owner"}


def test_the_receipt_names_the_items_that_the_store_holds(bench) -> None:
    for number in range(10):
        bench.write(f"{number}.txt", f"text {number}")
    receipt = bench.add()
    assert {line.item_id for line in receipt} == {item.id for item in bench.items().values()}
    assert receipt.seconds > 0


def test_previews_are_kept(bench) -> None:
    bench.write("red.png", RED)
    bench.add()
    piece = bench.items()["red.png"].id + ".0"
    assert bench.store.previews(OWNER, [piece])[piece].data == b"\xff\x00\x00"


def test_adding_twice_is_adding_once_and_changes_nothing(bench) -> None:
    bench.write("a.txt", "a")
    bench.write("b.png", RED)
    bench.write("broken.png", b"IMG")
    bench.add()
    generation, read = bench.store.generation(), len(bench.reader.read_contents)
    receipt = bench.add()
    assert bench.lines(receipt) == [("a.txt", "known"), ("b.png", "known"), ("broken.png", "refused")]
    assert bench.store.generation() == generation
    assert len(bench.reader.read_contents) == read + 1, "only what was refused is tried again"


def test_known_lines_name_their_item(bench) -> None:
    bench.write("a.txt", "a")
    added = bench.add().lines[0].item_id
    assert added is not None
    assert bench.add().lines[0].item_id == added


def test_a_file_that_was_touched_is_known_and_skipped_from_then_on(bench) -> None:
    bench.write("a.txt", "a")
    bench.add()
    bench.write("a.txt", "a", age=5)
    generation = bench.store.generation()
    assert bench.lines(bench.add()) == [("a.txt", "known")]
    assert bench.store.generation() == generation + 1
    assert bench.lines(bench.add()) == [("a.txt", "known")]
    assert bench.store.generation() == generation + 1


def test_a_file_changed_right_after_it_was_seen_is_noticed_though_its_times_are_equal(bench) -> None:
    bench.write("a.txt", "old", age=1)
    bench.add()
    bench.write("a.txt", "new", age=1)
    assert bench.lines(bench.add()) == [("a.txt", "changed")]


def test_two_files_of_the_same_content_are_one_item_of_two_sources(bench) -> None:
    bench.write("a.txt", "same")
    bench.write("b.txt", "same")
    receipt = bench.add()
    assert bench.lines(receipt) == [("a.txt", "added"), ("b.txt", "known")]
    assert len({line.item_id for line in receipt}) == 1
    assert receipt.lines[1].reason == f"the same content as {bench.folder / 'a.txt'}"
    assert len(bench.store.sources_of(OWNER, receipt.lines[0].item_id)) == 2


def test_a_copy_added_later_is_not_read(bench) -> None:
    bench.write("a.txt", "same")
    bench.add()
    bench.write("b.txt", "same")
    assert bench.lines(bench.add()) == [("a.txt", "known"), ("b.txt", "known")]
    assert len(bench.reader.read_contents) == 1


def test_a_hidden_file_is_one_refusal_until_it_is_named(bench) -> None:
    hidden = bench.write(".secret.txt", "kept")
    assert bench.lines(bench.add()) == [(".secret.txt", "refused")]
    assert bench.lines(bench.add(hidden)) == [(".secret.txt", "added")]
    assert bench.refused() == {}


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems take names in UTF-8 only")
def test_names_of_any_bytes_are_added(bench) -> None:
    bench.write(os.fsdecode(b"caf\xe9.txt"), "coffee")
    bench.write("two\nlines.txt", "poem")
    receipt = bench.add()
    assert [line.outcome for line in receipt] == [Outcome.ADDED, Outcome.ADDED]
    assert {item.title for item in bench.items().values()} == {"caf\ufffd", "two\nlines"}
    assert bench.add().counts == {Outcome.KNOWN: 2}


def test_nothing_is_done_when_one_path_is_not_there(bench) -> None:
    bench.write("a.txt", "a")
    with pytest.raises(BadInput, match="not there"):
        bench.add(bench.folder, bench.folder / "missing")
    assert bench.items() == {}


def test_files_larger_than_the_limit_are_refused_unread(bench) -> None:
    bench.write("a.txt", "a" * 11)
    bench.add(settings=Settings(file_bytes=10))
    assert bench.refused() == {"a.txt": "too-large"}
    assert bench.reader.read_contents == []


# -- changed, moved, vanished ------------------------------------------------------------------------------------------


def test_a_changed_file_replaces_its_item(bench) -> None:
    bench.write("a.txt", "old")
    bench.add()
    bench.write("a.txt", "new", age=5)
    assert bench.lines(bench.add()) == [("a.txt", "changed")]
    assert bench.texts() == {"new"}


def test_a_changed_copy_leaves_the_item_to_the_other_source(bench) -> None:
    bench.write("a.txt", "same")
    bench.write("b.txt", "same")
    bench.add()
    bench.write("a.txt", "new", age=5)
    assert bench.lines(bench.add()) == [("a.txt", "changed"), ("b.txt", "known")]
    assert bench.texts() == {"new", "same"}


@pytest.mark.parametrize(("old", "new"), [("a.txt", "z.txt"), ("z.txt", "a.txt"), ("a.txt", "sub/a.txt")])
def test_a_moved_file_keeps_its_item_and_is_not_read(bench, old: str, new: str) -> None:
    source = bench.write(old, "text")
    before = bench.add().lines[0].item_id
    target = bench.folder / new
    target.parent.mkdir(exist_ok=True)
    source.rename(target)
    receipt = bench.add()
    line = ReceiptLine(source=str(target), outcome=Outcome.MOVED, item_id=before, reason=f"from {source}")
    assert receipt.lines == [line]
    assert bench.items()[target.name].lineage.source == str(target)
    assert len(bench.reader.read_contents) == 1


def test_two_moved_copies_are_two_moves(bench) -> None:
    for name in ("a.txt", "b.txt"):
        bench.write(name, "same")
    bench.add()
    for name in ("a.txt", "b.txt"):
        (bench.folder / name).rename(bench.folder / f"new-{name}")
    assert bench.add().counts == {Outcome.MOVED: 2}


def test_a_file_moved_and_copied_is_one_move_and_one_copy(bench) -> None:
    bench.write("b.txt", "same")
    bench.add()
    (bench.folder / "b.txt").unlink()
    bench.write("c.txt", "same")
    bench.write("d.txt", "same")
    receipt = bench.add()
    assert bench.lines(receipt) == [("c.txt", "moved"), ("d.txt", "known")]
    assert receipt.lines[1].reason == f"the same content as {bench.folder / 'c.txt'}"


def test_a_file_moved_and_another_put_in_its_place(bench) -> None:
    bench.write("a.txt", "first")
    first = bench.add().lines[0].item_id
    (bench.folder / "a.txt").rename(bench.folder / "b.txt")
    bench.write("a.txt", "second", age=5)
    receipt = bench.add()
    assert bench.lines(receipt) == [("a.txt", "changed"), ("b.txt", "moved")]
    assert receipt.lines[1].item_id == first
    assert bench.texts() == {"first", "second"}


def test_content_that_seemed_known_but_lost_its_item_meanwhile_is_read_after_all(bench) -> None:
    bench.write("a.txt", "first")
    bench.add()
    (bench.folder / "a.txt").rename(bench.folder / "z.txt")
    bench.write("a.txt", "second", age=5)
    z_was_examined = threading.Event()

    class Watching(Recording):
        def known(self, *question):
            answer = self.store.known(*question)
            if answer is not None and threading.current_thread().name == "sensorium-read":
                z_was_examined.set()
            return answer

    class Waiting(HashEncoder):
        def encode(self, modality, contents, role):
            assert z_was_examined.wait(10)
            return super().encode(modality, contents, role)

    bench.store, bench.encoders = Watching(bench.store, []), (Waiting(),)
    receipt = bench.add(settings=Settings(batch_files=1))
    assert bench.lines(receipt) == [("a.txt", "changed"), ("z.txt", "added")]
    assert bench.texts() == {"first", "second"}
    assert bench.add().counts == {Outcome.KNOWN: 2}


def test_a_vanished_file_is_reported_and_kept(bench) -> None:
    bench.write("a.txt", "a")
    bench.write("b.txt", "b")
    bench.add()
    (bench.folder / "a.txt").unlink()
    receipt = bench.add()
    assert bench.lines(receipt) == [("b.txt", "known"), ("a.txt", "vanished")]
    assert receipt.of(Outcome.VANISHED)[0].item_id == bench.items()["a.txt"].id


def test_prune_forgets_what_vanished(bench) -> None:
    bench.write("a.txt", "a")
    bench.write("b.txt", "b")
    bench.add()
    (bench.folder / "a.txt").unlink()
    receipt = bench.add(prune=True)
    assert bench.lines(receipt) == [("b.txt", "known"), ("a.txt", "forgotten")]
    assert bench.texts() == {"b"}
    assert bench.add(prune=True).counts == {Outcome.KNOWN: 1}


def test_prune_looks_only_below_the_paths_named(bench) -> None:
    bench.write("one/a.txt", "a")
    bench.write("two/b.txt", "b")
    bench.write("two/c.txt", "c")
    bench.add()
    (bench.folder / "one/a.txt").unlink()
    (bench.folder / "two/b.txt").unlink()
    assert bench.lines(bench.add(bench.folder / "two", prune=True)) == [("c.txt", "known"), ("b.txt", "forgotten")]
    assert bench.texts() == {"a", "c"}


def test_prune_keeps_everything_below_an_empty_folder(bench) -> None:
    bench.write("disk/a.txt", "a")
    bench.add()
    (bench.folder / "disk/a.txt").unlink()
    receipt = bench.add(bench.folder / "disk", prune=True)
    assert bench.lines(receipt) == [("a.txt", "vanished")]
    assert "mounted" in receipt.lines[0].reason
    assert bench.texts() == {"a"}


def test_a_folder_in_the_place_of_a_file_does_not_hide_that_it_vanished(bench) -> None:
    bench.write("a", "text")
    bench.add()
    (bench.folder / "a").unlink()
    bench.write("a/b", "other")
    assert bench.lines(bench.add(prune=True)) == [("b", "added"), ("a", "forgotten")]


# -- refusals --------------------------------------------------------------------------------------------------------


def test_each_bad_file_is_one_refused_line_with_its_reason_and_the_rest_is_added(bench) -> None:
    bench.write("broken.png", b"IMG")
    bench.write("empty.txt", b"")
    bench.write("blank.txt", b" \n\n ")
    bench.write("latin.txt", "Größe".encode("latin-1"))
    bench.write("good.txt", "good")
    (bench.folder / "loop").symlink_to(bench.folder)
    os.mkfifo(bench.folder / "pipe")
    receipt = bench.add()
    assert bench.refused() == {
        "broken.png": "damaged",
        "empty.txt": "empty",
        "blank.txt": "empty",
        "latin.txt": "wrong-encoding",
        "loop": "not-a-file",
        "pipe": "not-a-file",
    }
    assert receipt.counts == {Outcome.REFUSED: 6, Outcome.ADDED: 1}
    assert all(line.reason for line in receipt.of(Outcome.REFUSED))
    assert {Path(line.source).name: line.code for line in receipt if line.code} == bench.refused()


@pytest.mark.parametrize("change", [lambda content: content + b"more", lambda content: content[::-1]])
def test_a_file_that_changes_while_it_is_read_is_refused(bench, change) -> None:
    path = bench.write("a.txt", "text")
    bench.reader.before = lambda content: path.write_bytes(change(content))
    assert bench.lines(bench.add()) == [("a.txt", "refused")]
    assert bench.refused() == {"a.txt": "changed-while-read"}
    bench.reader.before = lambda content: None
    bench.write("a.txt", "text")
    assert bench.lines(bench.add()) == [("a.txt", "added")]
    assert bench.refused() == {}


def test_what_looks_damaged_while_it_is_written_is_refused_for_being_written(bench) -> None:
    path = bench.write("a.png", b"IMG")
    bench.reader.before = lambda content: path.write_bytes(RED)
    bench.add()
    assert bench.refused() == {"a.png": "changed-while-read"}


def test_a_file_that_goes_away_before_it_is_opened_is_one_refused_line(bench) -> None:
    bench.write("a.txt", "a")
    last = bench.write("b.txt", "b")
    bench.reader.before = lambda content: last.unlink(missing_ok=True)
    assert bench.lines(bench.add()) == [("a.txt", "added"), ("b.txt", "refused")]
    assert bench.lines(bench.add()) == [("a.txt", "known"), ("b.txt", "vanished")]
    assert bench.refused() == {}


def test_a_file_replaced_by_a_link_or_a_pipe_before_it_is_opened_is_refused(bench) -> None:
    bench.write("a.txt", "a")
    link, pipe = bench.write("b.txt", "b"), bench.write("c.txt", "c")

    def replace(content: bytes) -> None:
        link.unlink()
        link.symlink_to(bench.folder / "a.txt")
        pipe.unlink()
        os.mkfifo(pipe)

    bench.reader.before = replace
    bench.add()
    assert bench.refused() == {"b.txt": "not-a-file", "c.txt": "not-a-file"}


def test_files_and_folders_that_may_not_be_read_are_refused(bench, unprivileged) -> None:
    bench.write("a.txt", "a").chmod(0)
    bench.write("closed/b.txt", "b")
    bench.write("c.txt", "c")
    (bench.folder / "closed").chmod(0)
    with unprivileged(bench.folder):
        receipt = bench.add()
    (bench.folder / "closed").chmod(0o755)
    assert receipt.counts == {Outcome.REFUSED: 2, Outcome.ADDED: 1}
    assert bench.refused() == {"a.txt": "unreadable", "closed": "unreadable"}


def test_what_lies_in_a_folder_that_can_not_be_read_did_not_vanish(bench, unprivileged) -> None:
    bench.write("closed/b.txt", "b")
    bench.write("c.txt", "c")
    bench.add()
    (bench.folder / "closed").chmod(0)
    with unprivileged(bench.folder):
        receipt = bench.add(prune=True)
    (bench.folder / "closed").chmod(0o755)
    assert receipt.counts == {Outcome.REFUSED: 1, Outcome.KNOWN: 1}
    assert bench.texts() == {"b", "c"}


def test_a_file_that_became_bad_keeps_its_former_item_and_says_so(bench) -> None:
    bench.write("a.png", RED)
    item = bench.add().lines[0].item_id
    bench.write("a.png", b"IMG", age=5)
    line = bench.add().lines[0]
    assert (line.outcome, line.item_id) == (Outcome.REFUSED, item)
    assert "kept" in line.reason
    assert set(bench.items()) == {"a.png"}


def test_a_refusal_is_cleared_when_the_file_is_as_it_was_before(bench) -> None:
    bench.write("a.png", RED)
    bench.add()
    bench.write("a.png", b"IMG", age=5)
    bench.add()
    bench.write("a.png", RED)
    assert bench.lines(bench.add()) == [("a.png", "known")]
    assert bench.refused() == {}


def test_the_same_refusal_twice_changes_nothing_but_another_reason_does(bench) -> None:
    bench.write("a.png", b"IMG")
    bench.add()
    generation = bench.store.generation()
    bench.add()
    assert bench.store.generation() == generation
    bench.write("a.png", b"")
    bench.add()
    assert bench.refused() == {"a.png": "empty"}


# -- retry -----------------------------------------------------------------------------------------------------------


def test_retry_adds_what_can_be_read_now_and_looks_at_nothing_else(bench) -> None:
    bench.write("a.png", b"IMG")
    bench.write("b.png", b"IMG")
    bench.add()
    bench.write("a.png", RED)
    bench.write("new.txt", "not refused, not retried")
    assert bench.lines(bench.retry()) == [("a.png", "added"), ("b.png", "refused")]
    assert bench.refused() == {"b.png": "damaged"}


def test_retry_follows_the_rules_of_the_walk(bench) -> None:
    bench.write(".hidden", "x")
    (bench.folder / "link").symlink_to(bench.write("a.txt", "a"))
    bench.add()
    assert bench.lines(bench.retry()) == [(".hidden", "refused"), ("link", "refused")]


def test_retry_enters_a_folder_that_can_be_read_now(bench, unprivileged) -> None:
    bench.write("closed/b.txt", "b")
    (bench.folder / "closed").chmod(0)
    with unprivileged(bench.folder):
        bench.add()
    (bench.folder / "closed").chmod(0o755)
    assert bench.lines(bench.retry()) == [("b.txt", "added"), ("closed", "vanished")]
    assert bench.refused() == {}


def test_retry_drops_the_refusal_of_a_file_that_is_gone(bench) -> None:
    bench.write("a.png", b"IMG")
    bench.add()
    (bench.folder / "a.png").unlink()
    assert bench.lines(bench.retry()) == [("a.png", "vanished")]
    assert bench.refused() == {}


def test_retry_does_not_forget_the_former_item_of_a_refused_file_that_is_gone(bench) -> None:
    bench.write("a.png", RED)
    bench.add()
    bench.write("a.png", b"IMG", age=5)
    bench.add()
    (bench.folder / "a.png").unlink()
    assert bench.lines(bench.retry()) == [("a.png", "vanished")]
    assert set(bench.items()) == {"a.png"}


def test_retry_of_nothing_is_nothing(bench) -> None:
    assert bench.retry().lines == []


def test_the_next_files_are_read_while_a_batch_is_encoded(bench) -> None:
    for number in range(8):
        bench.write(f"{number}.txt", f"text {number}")
    later_was_read = threading.Event()
    bench.reader.before = lambda content: content == b"text 5" and later_was_read.set()

    class Waiting(HashEncoder):
        def encode(self, modality, contents, role):
            assert later_was_read.wait(10), "the second batch is not read while the first is encoded"
            return super().encode(modality, contents, role)

    bench.encoders = (Waiting(),)
    bench.add(settings=Settings(batch_files=4))


def test_reading_stays_within_a_batch_and_a_file_of_what_is_encoded(bench) -> None:
    for number in range(40):
        bench.write(f"{number:02}.txt", f"text {number}")
    ahead_of_store = []

    class Looking(HashEncoder):
        def encode(self, modality, contents, role):
            ahead_of_store.append(len(bench.reader.read_contents) - len(bench.items()))
            return super().encode(modality, contents, role)

    bench.encoders = (Looking(),)
    bench.add(settings=Settings(batch_files=4))
    assert max(ahead_of_store) <= 4 + 4 + 1


# -- stopping and failing --------------------------------------------------------------------------------------------


def test_a_stop_keeps_what_is_committed_and_the_next_run_continues(bench, listener) -> None:
    for number in range(40):
        bench.write(f"{number:02}.txt", f"text {number}")
    stop = threading.Event()
    listener.settled = lambda line: (listener.lines.append(line), len(listener.lines) == 8 and stop.set())
    receipt = bench.add(stop=stop, progress=listener)
    assert receipt.interrupted
    assert 8 <= len(receipt) < 40
    assert {line.item_id for line in receipt} == {item.id for item in bench.items().values()}
    again = bench.add()
    assert not again.interrupted
    assert again.counts == {Outcome.KNOWN: len(receipt), Outcome.ADDED: 40 - len(receipt)}


def test_a_stop_before_the_start_does_nothing(bench) -> None:
    bench.write("a.txt", "a")
    stop = threading.Event()
    stop.set()
    receipt = bench.add(stop=stop)
    assert receipt.interrupted
    assert receipt.lines == []
    assert bench.items() == {}


def test_a_stop_in_the_middle_of_encoding_keeps_nothing_of_that_batch(bench) -> None:
    bench.write("a.txt", "\n\n".join(f"text {number}" for number in range(500)))
    stop = threading.Event()

    class Slow(HashEncoder):
        def encode(self, modality, contents, role):
            stop.set()
            return super().encode(modality, contents, role)

    bench.encoders = (Slow(),)
    assert bench.add(stop=stop).interrupted
    assert bench.items() == {}


def test_a_stop_forgets_nothing_even_with_prune(bench) -> None:
    bench.write("a.txt", "a")
    bench.write("b.txt", "b")
    bench.add()
    (bench.folder / "a.txt").unlink()
    stop = threading.Event()
    stop.set()
    bench.add(stop=stop, prune=True)
    assert bench.texts() == {"a", "b"}


def test_an_error_in_the_reading_thread_is_raised_after_what_was_read_before(bench) -> None:
    for number in range(12):
        bench.write(f"{number:02}.txt", f"text {number}")

    def fail(content: bytes) -> None:
        if content == b"text 9":
            raise RuntimeError("a bug in the reader")

    bench.reader.before = fail
    with pytest.raises(RuntimeError, match="a bug"):
        bench.add()
    assert len(bench.items()) == 8


def test_an_encoder_that_gives_wrong_vectors_is_named_and_nothing_is_kept(bench) -> None:
    class Wrong(HashEncoder):
        def encode(self, modality, contents, role):
            return super().encode(modality, contents, role) * 2

    bench.encoders = (Wrong(),)
    bench.write("a.txt", "a")
    with pytest.raises(PluginBroken, match="unit length"):
        bench.add()
    assert bench.items() == {}


def test_an_encoder_that_gives_too_few_vectors_is_named(bench) -> None:
    class Short(HashEncoder):
        def encode(self, modality, contents, role):
            return super().encode(modality, contents, role)[:-1]

    bench.encoders = (Short(),)
    bench.write("a.txt", "a\n\nb")
    with pytest.raises(PluginBroken, match="1 vectors for 2 contents"):
        bench.add()


def test_no_thread_is_left_after_an_error(bench) -> None:
    bench.write("a.txt", "a")
    bench.encoders = (None,)
    with pytest.raises(AttributeError):
        bench.add()
    assert not [thread for thread in threading.enumerate() if thread.name == "sensorium-read"]


# -- progress --------------------------------------------------------------------------------------------------------


def test_progress_is_told_in_the_calling_thread_after_each_commit(bench, listener) -> None:
    for number in range(10):
        bench.write(f"{number}.txt", f"text {number}")
    here, threads, held = threading.get_ident(), set(), []

    def settled(line: ReceiptLine) -> None:
        threads.add(threading.get_ident())
        held.append(bool(bench.store.sources_of(OWNER, line.item_id)))

    listener.settled = settled
    bench.add(progress=listener)
    assert threads == {here}
    assert held == [True] * 10


def test_progress_is_told_how_many_files_there_are_before_the_first_is_settled(bench, listener) -> None:
    for number in range(300):
        (bench.folder / f"{number}.txt").touch()
    listener.settled = lambda line: listener.lines.append(len(listener.counts))
    bench.add(progress=listener)
    assert listener.counts == [256, 300]
    assert set(listener.lines) == {2}


# -- several spaces --------------------------------------------------------------------------------------------------


def test_each_space_holds_the_pieces_that_its_encoder_takes(bench) -> None:
    class TextOnly(HashEncoder):
        modalities = frozenset({Modality.TEXT})
        image_input = None

    narrow = TextOnly(width=16)
    committed = []
    bench.store = Recording(bench.store, committed)
    bench.encoders = (narrow, HashEncoder())
    if hasattr(bench.store.store, "add_space"):
        bench.store.store.add_space(narrow.space)
    bench.write("a.txt", "one\n\ntwo")
    bench.write("b.png", BLUE)
    bench.add()
    covered = {(a.item.title, space): ordinals for a in committed for space, ordinals in a.covered.items()}
    wide = HashEncoder().space.id
    assert covered == {
        ("a", narrow.space.id): (0, 1),
        ("a", wide): (0, 1),
        ("b", narrow.space.id): (),
        ("b", wide): (0,),
    }
    shapes = {(a.item.title, space): vectors.shape for a in committed for space, vectors in a.vectors.items()}
    assert shapes[("b", narrow.space.id)] == (0, 16)


def test_a_piece_gets_the_vector_of_its_own_content(bench) -> None:
    committed = []
    bench.store = Recording(bench.store, committed)
    for number in range(7):
        bench.write(f"{number}.txt", "\n\n".join(f"word{number}x{part}" for part in range(number + 1)))
    bench.write("8.png", RED)
    bench.add(settings=Settings(batch_files=8))
    encoder = HashEncoder()
    for addition in committed:
        for piece, vector in zip(addition.pieces, addition.vectors[encoder.space.id], strict=True):
            if piece.text:
                expected = encoder.encode(Modality.TEXT, [piece.text], "piece")[0]
                np.testing.assert_allclose(vector, expected, atol=1e-6)


def test_a_long_text_is_encoded_in_calls_of_bounded_size(bench) -> None:
    sizes = []

    class Counting(HashEncoder):
        def encode(self, modality, contents, role):
            sizes.append(len(contents))
            return super().encode(modality, contents, role)

    bench.encoders = (Counting(),)
    bench.write("a.txt", "\n\n".join(f"text {number}" for number in range(300)))
    assert bench.add().pieces == 300
    assert sizes == [128, 128, 44]


class Recording:
    """A store that remembers what was committed to it."""

    def __init__(self, store, committed) -> None:
        self.store, self.committed = store, committed

    def __getattr__(self, name):
        return getattr(self.store, name)

    def commit(self, scope, *, additions=(), **rest):
        self.committed.extend(additions)
        return self.store.commit(scope, additions=additions, **rest)
