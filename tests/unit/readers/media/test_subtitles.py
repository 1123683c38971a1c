from __future__ import annotations

import io

import pytest

from sensorium.core.contents import Document, ReadRequest
from sensorium.core.errors import DamagedFile, EmptyFile
from sensorium.core.items import Aspect, Modality
from sensorium.core.settings import Settings
from sensorium.readers.media.subtitles import Cue, SubtitleReader, join_cues, parse_cues
from sensorium.readers.recognise import recognise

SUBRIP = """1
00:00:01,000 --> 00:00:02,500
<i>Good morning,</i>
{\\an8}Captain.

2
00:00:03,000 --> 00:00:04,000
Is it?
"""

WEBVTT = """WEBVTT - a title

NOTE nobody reads this

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:start position:10%
<v Ann>Good &amp; bad

01:00:03.000 --> 01:00:04.000
Later.
"""


def read(text: str, media_type: str = "application/x-subrip") -> Document:
    return SubtitleReader().read(io.BytesIO(text.encode()), media_type, ReadRequest(), Settings())


def texts(*cues: Cue, characters: int = 800) -> list[str]:
    return [cue.text for cue in join_cues(cues, characters)]


def test_subrip_is_recognised_and_read() -> None:
    assert recognise(SUBRIP.encode()) == "application/x-subrip"
    document = read(SUBRIP)
    (piece,) = document.pieces
    assert (piece.modality, piece.aspect) == (Modality.TEXT, Aspect.SUBTITLE)
    assert piece.text == "Good morning, Captain. Is it?"
    assert piece.place.seconds == (1.0, 4.0)
    assert document.attributes == {"seconds": "4.000", "cues": "2"}


def test_webvtt_is_recognised_and_read() -> None:
    assert recognise(WEBVTT.encode()) == "text/vtt"
    first, later = read(WEBVTT, "text/vtt").pieces
    assert (first.text, first.place.seconds) == ("Good & bad", (1.0, 2.5))
    assert (later.text, later.place.seconds) == ("Later.", (3603.0, 3604.0))


@pytest.mark.parametrize("text", ["WEBVTTX is a word", "1\nthing\n", "00:00:01,000 --> 00:00:02,000 alone"])
def test_texts_that_look_a_little_like_subtitles_are_texts(text: str) -> None:
    assert recognise(text.encode()) == "text/plain"


def test_cues_come_by_time_whatever_their_order() -> None:
    blocks = SUBRIP.strip().split("\n\n")
    assert parse_cues("\n\n".join(reversed(blocks))) == parse_cues(SUBRIP)


def test_a_cue_that_ends_before_it_starts_gets_an_end() -> None:
    (cue,) = parse_cues("1\n00:00:09,000 --> 00:00:02,000\nWhat?")
    assert cue.start == 9.0
    assert cue.stop > cue.start


def test_what_is_no_cue_is_passed_over() -> None:
    assert [
        cue.text for cue in parse_cues("junk\n\n1\n00:00:01,000 --> 00:00:02,000\nYes.\n\n2\nbroken --> time\nNo.")
    ] == ["Yes."]


def test_a_passage_ends_with_a_sentence() -> None:
    cues = [Cue(0, 1, "One two."), Cue(1, 2, "Three"), Cue(2, 3, "four five.")]
    assert texts(*cues, characters=20) == ["One two.", "Three four five."]


def test_a_passage_lasts_half_a_minute_at_most() -> None:
    cues = [Cue(at * 4, at * 4 + 3, f"Word {at}.") for at in range(20)]
    joined = list(join_cues(cues, 10_000))
    assert len(joined) > 1
    assert all(cue.stop - cue.start <= 30 for cue in joined)
    assert " ".join(cue.text for cue in joined) == " ".join(cue.text for cue in cues)


def test_a_long_pause_ends_a_passage() -> None:
    assert texts(Cue(0, 1, "One"), Cue(9, 10, "two.")) == ["One", "two."]


def test_a_cue_that_is_too_long_is_cut() -> None:
    assert texts(Cue(0, 1, "x" * 25), characters=10) == ["x" * 10, "x" * 10, "x" * 5]


def test_subtitles_without_words_are_empty() -> None:
    with pytest.raises(EmptyFile):
        read("1\n00:00:01,000 --> 00:00:02,000\n<b></b>\n")


def test_subtitles_without_times_are_damaged() -> None:
    with pytest.raises(DamagedFile):
        read("WEBVTT\n\nnothing", "text/vtt")


def test_tags_that_do_not_close_take_no_time() -> None:
    assert len(parse_cues("1\n00:00:01,000 --> 00:00:02,000\n" + "<{\\" * 100_000)) == 1
