"""Which encoder is asked by: the one that was given or named, else the one that the library is searched by now."""

from __future__ import annotations

import threading

import pytest

from sensorium.core.spaces import KnownSpace, Space, SpaceRole
from sensorium.lifecycle.choice import EncoderChoice, Surrounded
from sensorium.testing.encoders import HashEncoder

FIRST, SECOND = HashEncoder(version="1"), HashEncoder(version="2")


class Shelf:
    """A library's active space, and encoders by name; counts what is loaded."""

    def __init__(self) -> None:
        self.active: KnownSpace | None = None
        self.loaded: list[str] = []
        self.left: list[Space] = []

    def load(self, name: str) -> HashEncoder:
        self.loaded.append(name)
        return {"compact": FIRST, "first": FIRST, "second": SECOND}[name]

    def choice(self, **how: object) -> EncoderChoice:
        return EncoderChoice(lambda: self.active, self.load, left=self.left.append, **how)


def known(encoder: HashEncoder, setting: str) -> KnownSpace:
    return KnownSpace(space=encoder.space, role=SpaceRole.SEARCHED, encoder=setting, is_active=True)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_a_new_library_takes_the_default_and_keeps_it_when_it_is_begun(shelf: Shelf) -> None:
    choice = shelf.choice()
    assert (choice.now(), choice.setting) == (FIRST, "compact")
    shelf.active = known(FIRST, "compact")
    assert choice.now() is FIRST
    assert shelf.loaded == ["compact"]


def test_the_library_is_followed_and_the_space_before_let_go(shelf: Shelf) -> None:
    shelf.active = known(FIRST, "first")
    choice = shelf.choice()
    assert choice.now() is FIRST
    shelf.active = known(SECOND, "second")
    assert (choice.now(), choice.now(), choice.setting) == (SECOND, SECOND, "second")
    assert shelf.loaded == ["first", "second"]
    assert shelf.left == [FIRST.space]


def test_one_that_was_given_or_named_stays(shelf: Shelf) -> None:
    given, named = shelf.choice(given=FIRST), shelf.choice(named="first")
    shelf.active = known(SECOND, "second")
    assert (given.now(), named.now()) == (FIRST, FIRST)
    assert (given.setting, named.setting) == ("", "first")


def test_what_was_taken_is_not_loaded_again(shelf: Shelf) -> None:
    choice = shelf.choice(given=FIRST)
    shelf.active = known(SECOND, "second")
    choice.take(SECOND, "second")
    assert (choice.now(), shelf.loaded) == (SECOND, [])
    choice.take(FIRST, "")
    assert (choice.now(), choice.setting) == (FIRST, "")


def test_while_one_thread_loads_the_encoder_before_serves_the_others_but_for_who_waits(shelf: Shelf) -> None:
    shelf.active = known(FIRST, "first")
    loads, go_on = threading.Event(), threading.Event()
    plain = shelf.load

    def slow(name: str) -> HashEncoder:
        if name == "second":
            loads.set()
            assert go_on.wait(30)
        return plain(name)

    choice = EncoderChoice(lambda: shelf.active, slow)
    choice.now()
    shelf.active = known(SECOND, "second")
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(choice.now(wait=True))) for _ in range(2)]
    threads[0].start()
    assert loads.wait(30)
    threads[1].start()
    assert choice.now() is FIRST
    go_on.set()
    for thread in threads:
        thread.join()
    assert found == [SECOND, SECOND]
    assert shelf.loaded == ["first", "second"]


def test_what_stands_around_an_encoder_is_made_once_for_each(shelf: Shelf) -> None:
    shelf.active = known(FIRST, "first")
    made: list[HashEncoder] = []

    def around(encoder: HashEncoder) -> HashEncoder:
        made.append(encoder)
        return HashEncoder(version=f"around {encoder.space.version}")

    choice = Surrounded(shelf.choice(), around)
    assert choice.now() is choice.now()
    shelf.active = known(SECOND, "second")
    assert choice.now().space.version == "around 2"
    assert made == [FIRST, SECOND]
