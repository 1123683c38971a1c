"""The plan of the judged films, on material that is not there."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from benchmarks.judged.material import Clip, Material, Noise, Photo, Utterance, Words, distinctive, extract
from benchmarks.judged.plan import FILMS, LONGEST, RATE, Film, Query, plan, queries

PHOTOS = 600


def material() -> Material:
    return Material(
        photos=tuple(Photo(path=Path(f"{number}.webp")) for number in range(PHOTOS)),
        clips=tuple(Clip(path=Path(f"{n}.mp4"), start=1.0, seconds=4.0, query=f"clip {n}") for n in range(18)),
        speech=tuple(Utterance(path=Path(f"{n}.ogg"), query=f"said {n}", form="extract") for n in range(60)),
        noises=tuple(Noise(path=Path(f"{n}.wav"), label="rain" if n % 2 else "dog") for n in range(40)),
        words=tuple(
            Words(kind="writing" if n % 2 else "subtitle", text=f"TEXT {n}", query=f"words {n}") for n in range(40)
        ),
        phrases={"rain": ("it rains", "a shower"), "dog": ("a dog",)},
        recordings={"rain": (Path("other.wav"),), "dog": ()},
    )


def active(path: Path) -> tuple[float, float]:
    return 0.25, 4.25


def films(seed: int = 0) -> tuple[Film, ...]:
    return plan(material(), active, seed)


def asked() -> tuple[Query, ...]:
    captions = {f"{number}.webp": f"caption {number}" for number in range(0, PHOTOS, 2)}
    return queries(films(), material(), captions)


def test_the_same_seed_gives_the_same_films() -> None:
    assert films() == films()
    assert films() != films(seed=1)


def test_there_are_twenty_films_of_one_to_four_minutes() -> None:
    lengths = [film.seconds for film in films()]
    assert len(lengths) == FILMS == 20
    assert min(lengths) >= 50
    assert max(lengths) <= LONGEST


def test_shots_follow_each_other_without_a_gap_on_frames() -> None:
    for film in films():
        assert film.shots[0].start == 0
        assert all(one.end == next_one.start for one, next_one in pairwise(film.shots))
        assert all(shot.end * RATE == pytest.approx(round(shot.end * RATE)) for shot in film.shots)


def test_no_two_sounds_are_heard_at_once_and_none_after_the_end() -> None:
    for film in films():
        assert all(one.end < next_one.start for one, next_one in pairwise(film.heard))
        assert all(sound.end < film.seconds for sound in film.heard)


def test_sounds_start_where_their_file_is_no_longer_silent() -> None:
    sounds = [sound for film in films() for sound in film.heard]
    assert {sound.offset for sound in sounds} == {0.25}
    assert all(sound.end - sound.start == pytest.approx(4.0) for sound in sounds)


def test_everything_is_shown_or_heard_once() -> None:
    made = films()
    heard = [sound.source.path for film in made for sound in film.heard]
    seen = [shot.source.path for film in made for shot in film.shots if shot.source is not None]
    assert len(heard) == len(set(heard)) == 100
    assert len(seen) == len(set(seen))
    assert sum(isinstance(shot.source, Clip) for film in made for shot in film.shots) == 18


def test_no_two_subtitles_are_shown_at_once() -> None:
    for film in films():
        assert all(one.end <= next_one.start for one, next_one in pairwise(film.subtitles))
        assert all(line.end <= film.seconds for line in film.subtitles)


def test_a_sound_is_answered_by_every_moment_of_its_class() -> None:
    rain = [query for query in asked() if query.text in ("it rains", "a shower")]
    assert [len(query.right) for query in rain] == [20, 20]


def test_photos_without_a_caption_of_their_own_are_not_asked_for_by_one() -> None:
    told = {query.text for query in asked() if query.form == "caption"}
    assert told
    assert all(int(text.removeprefix("caption ")) % 2 == 0 for text in told)


def test_writing_is_asked_for_in_other_words_than_are_shown() -> None:
    assert {query.text[:5] for query in asked() if query.kind in ("writing", "subtitle")} == {"words"}


def test_every_query_has_an_id_of_its_own() -> None:
    ids = [query.id for query in asked()]
    assert len(ids) == len(set(ids))


def test_too_long_a_film_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 240"):
        plan(material(), lambda path: (0.0, 90.0))


def test_a_caption_that_fits_another_picture_as_well_is_left_out() -> None:
    captions = {
        "a": ["two dogs run", "dogs running"],
        "b": ["two dogs run", "dogs running"],
        "c": ["a kite", "red kite"],
    }
    assert set(distinctive(captions)) == {"c"}


def test_an_extract_of_a_short_sentence_is_all_of_it() -> None:
    assert extract("three short words") == "three short words"
