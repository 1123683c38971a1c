"""A walk names every entry once, in order, and says of each file that it leaves out why."""

from __future__ import annotations

import inspect
import os
import socket
import sys
from pathlib import Path

import pytest

from sensorium.core.errors import BadInput
from sensorium.ingest.discover import Found, Root, named_roots, walk


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def names(found: list[Found], folder: Path) -> list[str]:
    return [os.path.relpath(entry.source, folder) for entry in found]


def reasons(found: list[Found]) -> dict[str, str]:
    return {Path(entry.source).name: entry.refused.code for entry in found if entry.refused}


def walked(*paths: Path) -> list[Found]:
    return list(walk(named_roots(paths)))


def test_files_come_sorted_by_name_folder_by_folder(tmp_path: Path) -> None:
    touch(tmp_path, "b/2", "b/10", "a", "c", "b/sub/x")
    assert names(walked(tmp_path), tmp_path) == ["a", "b/10", "b/2", "b/sub/x", "c"]


def test_a_file_can_be_named_by_itself(tmp_path: Path) -> None:
    touch(tmp_path, "a", "b")
    assert names(walked(tmp_path / "b"), tmp_path) == ["b"]


@pytest.mark.parametrize("order", [("", "sub"), ("sub", "")])
def test_what_two_roots_reach_comes_once(tmp_path: Path, order: tuple[str, str]) -> None:
    touch(tmp_path, "a", "sub/b")
    found = walked(*(tmp_path / name for name in order))
    assert sorted(names(found, tmp_path)) == ["a", "sub/b"]


def test_the_same_root_named_twice_is_walked_once(tmp_path: Path) -> None:
    touch(tmp_path, "a")
    (tmp_path.parent / f"{tmp_path.name}-link").symlink_to(tmp_path)
    assert len(walked(tmp_path, tmp_path, tmp_path.parent / f"{tmp_path.name}-link")) == 1


def test_links_to_files_folders_nothing_and_in_a_circle_are_each_one_refusal(tmp_path: Path) -> None:
    touch(tmp_path, "real/a")
    (tmp_path / "file").symlink_to(tmp_path / "real" / "a")
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    (tmp_path / "broken").symlink_to(tmp_path / "nothing")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    found = walked(tmp_path)
    assert reasons(found) == dict.fromkeys(["broken", "file", "folder", "loop", "self"], "not-a-file")
    assert len(found) == 6


def test_a_link_that_the_user_names_is_followed(tmp_path: Path) -> None:
    touch(tmp_path, "real/a")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert names(walked(tmp_path / "link"), tmp_path) == ["real/a"]


def test_hidden_and_system_entries_are_one_refusal_each_and_not_entered(tmp_path: Path) -> None:
    touch(tmp_path, ".git/objects/x", ".git/y", ".hidden", "Thumbs.db", "__MACOSX/z", "shown")
    found = walked(tmp_path)
    assert reasons(found) == dict.fromkeys([".git", ".hidden", "Thumbs.db", "__MACOSX"], "excluded")
    assert len(found) == 5


def test_a_hidden_folder_that_the_user_names_is_walked(tmp_path: Path) -> None:
    touch(tmp_path, ".kept/a", ".kept/.not")
    found = walked(tmp_path, tmp_path / ".kept")
    assert names(found, tmp_path) == [".kept/.not", ".kept/a"]
    assert reasons(found) == {".not": "excluded"}


def test_a_root_that_is_not_named_obeys_the_rules_for_names(tmp_path: Path) -> None:
    touch(tmp_path, ".hidden")
    assert reasons(list(walk([Root(path=str(tmp_path / ".hidden"), by_name=False)]))) == {".hidden": "excluded"}


def test_a_library_inside_is_not_entered(tmp_path: Path) -> None:
    touch(tmp_path, "my.library/store.sqlite3", "my.library/indexes/x", "a")
    found = walked(tmp_path)
    assert names(found, tmp_path) == ["a", "my.library"]
    assert reasons(found) == {"my.library": "excluded"}


def test_a_library_can_not_be_added(tmp_path: Path) -> None:
    touch(tmp_path, "store.sqlite3")
    with pytest.raises(BadInput, match="library itself"):
        named_roots([tmp_path])


def test_pipes_and_sockets_are_refused_without_opening_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert reasons(walked(tmp_path)) == {"pipe": "not-a-file", "socket": "not-a-file"}


@pytest.mark.parametrize("missing", ["nothing", "file/below", "nul\0name"])
def test_a_path_that_is_not_there_stops_everything_before_it_starts(tmp_path: Path, missing: str) -> None:
    touch(tmp_path, "file")
    with pytest.raises(BadInput, match="check the name"):
        named_roots([tmp_path, str(tmp_path / missing)])


def test_a_circle_of_links_named_by_the_user_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "self").symlink_to(tmp_path / "self")
    with pytest.raises(BadInput):
        named_roots([tmp_path / "self"])


def test_no_path_at_all_is_bad_input() -> None:
    with pytest.raises(BadInput, match="no path"):
        named_roots([])


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert walked(tmp_path) == []


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems take names in UTF-8 only")
def test_names_of_any_bytes_are_found(tmp_path: Path) -> None:
    odd = [b"caf\xe9.txt", b"two\nlines", b"tab\t", b" "]
    for name in odd:
        Path(os.fsdecode(bytes(tmp_path) + b"/" + name)).write_text("x")
    assert {os.fsencode(Path(entry.source).name) for entry in walked(tmp_path)} == set(odd)


def test_folders_deeper_than_the_interpreter_can_call_are_walked(tmp_path: Path) -> None:
    deepest = tmp_path.joinpath(*["d"] * 200)
    deepest.mkdir(parents=True)
    touch(deepest, "leaf")
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    try:
        found = walked(tmp_path)
    finally:
        sys.setrecursionlimit(usual)
    assert [Path(entry.source).name for entry in found] == ["leaf"]
