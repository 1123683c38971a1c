"""Every limit and every choice with a default, in one table, each with a sentence.

A setting is read from the environment as `SENSORIUM_` and its name in capitals, so a limit can be changed for one
command without a file. `docs/settings.md` is made from this table.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from sensorium.core.errors import BadSetting

PREFIX = "SENSORIUM_"

MEGA = 1_000_000
MIB = 1024 * 1024


def _setting(default: Any, sentence: str, *, low: float, high: float) -> Any:
    return field(default=default, metadata={"sentence": sentence, "low": low, "high": high})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The table. Sizes in bytes, times in seconds, lengths in code points, pictures in pixels.

    >>> Settings().image_pixels
    50000000
    """

    image_pixels: int = _setting(50 * MEGA, "Most pixels of one picture.", low=1, high=200 * MEGA)
    image_side: int = _setting(32_768, "Longest side of one picture.", low=1, high=65_535)
    image_frames: int = _setting(1_000, "Most frames of one picture file.", low=1, high=100_000)
    file_bytes: int = _setting(2_048 * MIB, "Largest file that is read.", low=1, high=2**40)
    text_bytes: int = _setting(64 * MIB, "Largest text that is read.", low=1, high=2**32)
    worker_memory: int = _setting(1_024 * MIB, "Address space of the reading process.", low=256 * MIB, high=2**38)
    worker_cpu_seconds: int = _setting(30, "CPU time for reading one file.", low=1, high=36_000)
    worker_wall_seconds: float = _setting(60.0, "Time on the clock for reading one file.", low=0.1, high=36_000)
    worker_answer_bytes: int = _setting(512 * MIB, "Longest answer of the reading process.", low=MIB, high=2**34)
    worker_files: int = _setting(500, "Files read before the reading process is replaced.", low=1, high=1_000_000)
    sandbox: str = _setting(
        "best", "`best` uses what the kernel offers, `strict` refuses to read below it.", low=0, high=0
    )
    media_seconds: int = _setting(43_200, "Longest recording or film.", low=1, high=10**6)
    media_streams: int = _setting(16, "Most streams of one recording or film.", low=1, high=256)
    media_part_seconds: float = _setting(60.0, "Media time that is read and encoded at once.", low=5.0, high=600.0)
    video_side: int = _setting(8_192, "Longest side of a film's frames.", low=16, high=32_768)
    video_frames: int = _setting(20_000, "Most frames decoded for one part of a film.", low=1, high=10**6)
    shot_frames: int = _setting(3, "Most key frames kept of one shot.", low=1, high=20)
    clip_seconds: float = _setting(60.0, "Longest clip that is cut out.", low=0.1, high=3_600.0)
    clip_bytes: int = _setting(50 * MIB, "Largest clip that is cut out.", low=1_024, high=2**30)
    document_pages: int = _setting(5_000, "Most pages of a document.", low=1, high=100_000)
    document_part_pages: int = _setting(8, "Pages that are read and encoded at once.", low=1, high=500)
    page_points: int = _setting(14_400, "Longest side of a page, in points of 1/72 inch.", low=72, high=200_000)
    page_pixels: int = _setting(25 * MEGA, "Most pixels that a page is drawn with.", low=10_000, high=200 * MEGA)
    archive_entries: int = _setting(10_000, "Most entries of an archive or a zipped document.", low=1, high=10**7)
    archive_bytes: int = _setting(512 * MIB, "Most bytes that an archive unfolds to.", low=1, high=2**40)
    archive_entry_bytes: int = _setting(128 * MIB, "Most bytes that one entry unfolds to.", low=1, high=2**40)
    archive_ratio: int = _setting(200, "Most bytes that one byte of an archive unfolds to.", low=2, high=100_000)
    writing: int = _setting(1, "1 reads writing off pictures, films and scanned pages.", low=0, high=1)
    writing_side: int = _setting(1_600, "Longest side of a picture that writing is read off.", low=320, high=8_000)
    speech: int = _setting(1, "1 writes down speech, where the extra `speech` is installed.", low=0, high=1)
    speech_model: str = _setting(
        "", "The model of speech: a name, a folder or a hub id; empty for the best that is installed.", low=0, high=0
    )
    preview_side: int = _setting(256, "Longest side of a preview.", low=16, high=1_024)
    chunk_characters: int = _setting(800, "Length of a text chunk.", low=50, high=100_000)
    chunk_overlap: int = _setting(120, "What a chunk shares with the one before it.", low=0, high=10_000)
    batch_files: int = _setting(32, "Files encoded and committed together.", low=1, high=1_024)
    lock_wait_seconds: float = _setting(10.0, "How long a second writer waits for the first.", low=0.0, high=86_400)
    query_characters: int = _setting(4_096, "Longest text of a question.", low=1, high=100_000)
    query_k: int = _setting(1_000, "Most hits of one search.", low=1, high=100_000)
    rerank: int = _setting(1, "1 looks closer at the best candidates where that is possible.", low=0, high=1)
    rerank_depth: int = _setting(100, "Candidates of one sense that are looked at closer.", low=1, high=10_000)
    rerank_milliseconds: float = _setting(
        2_000.0, "Time for all closer looks of one search; what is late is left out. 0 for no limit.", low=0, high=10**6
    )
    arrange_depth: int = _setting(200, "Hits that rules, folds and diversity arrange together.", low=10, high=10_000)
    hubness: int = _setting(0, "1 sets back pieces that are near to every question.", low=0, high=1)
    rank_pairs: str = _setting(
        "", "Folder of a cross-encoder in ONNX that puts the first hits in order; empty for none.", low=0, high=0
    )
    rank_server: int = _setting(
        0, "1 has the model of `answer_url` put the first hits in order; their texts are sent there.", low=0, high=1
    )
    rank_depth: int = _setting(20, "Hits that a cross-encoder or a server's model puts in order.", low=2, high=1_000)
    rank_milliseconds: float = _setting(
        5_000.0, "Time for putting hits in order; what is late is left out. 0 for no limit.", low=0, high=10**6
    )
    answerer: str = _setting(
        "", "What writes answers; empty takes `chat` where a server is named, else `extractive`.", low=0, high=0
    )
    answer_characters: int = _setting(12_000, "Most characters of evidence for one answer.", low=200, high=10**6)
    answer_pieces: int = _setting(24, "Most pieces of evidence for one answer.", low=1, high=200)
    answer_hops: int = _setting(3, "Most questions that a question is split into.", low=0, high=10)
    answer_url: str = _setting(
        "",
        "A server of the chat completions protocol, such as `http://127.0.0.1:8080/v1`; empty for none.",
        low=0,
        high=0,
    )
    answer_model: str = _setting("", "The model that the server is asked for.", low=0, high=0)
    answer_key_variable: str = _setting(
        "", "Name of the environment variable that holds the server's key; empty for no key.", low=0, high=0
    )
    answer_pictures: int = _setting(0, "1 sends small pictures of the evidence to the server too.", low=0, high=1)
    answer_seconds: float = _setting(120.0, "How long the server may take for one answer.", low=0.1, high=3_600.0)
    answer_retries: int = _setting(2, "How often a request that failed is sent again.", low=0, high=10)
    answer_tokens: int = _setting(1_000, "Most tokens of one answer of the server.", low=1, high=100_000)
    answer_price_in: float = _setting(0.0, "Price of a million tokens that are sent.", low=0.0, high=10**6)
    answer_price_out: float = _setting(0.0, "Price of a million tokens that are written.", low=0.0, high=10**6)
    encoder: str = _setting(
        "",
        "The encoder: a name, or NAME:MODEL ([models](models.md)); empty takes the one that the library is searched "
        "by, `compact` for a new one.",
        low=0,
        high=0,
    )
    reembed_share: float = _setting(
        0.01, "Most of what can be found, as a share, that another encoder may leave behind.", low=0.0, high=1.0
    )
    threads: int = _setting(0, "Threads of an encoder; 0 takes every core this process may use.", low=0, high=1_024)

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if isinstance(value, str):
                continue
            low, high = entry.metadata["low"], entry.metadata["high"]
            if not low <= value <= high:
                raise BadSetting(
                    f"{value} is out of range", subject=entry.name, remedy=f"give a number from {low} to {high}"
                )
        if self.sandbox not in ("best", "strict"):
            raise BadSetting(f"{self.sandbox!r} is unknown", subject="sandbox", remedy="say `best` or `strict`")
        if self.chunk_overlap * 2 > self.chunk_characters:
            raise BadSetting(
                "the overlap is more than half of the chunk", subject="chunk_overlap", remedy="give a smaller overlap"
            )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Defaults, changed by `SENSORIUM_...` variables. Raises BadSetting for a value that does not parse.

        >>> Settings.from_environment({"SENSORIUM_BATCH_FILES": "8"}).batch_files
        8
        """
        environment = os.environ if environment is None else environment
        changed: dict[str, Any] = {}
        defaults = cls()
        for entry in fields(cls):
            raw = environment.get(PREFIX + entry.name.upper())
            if raw is None:
                continue
            kind = type(getattr(defaults, entry.name))
            try:
                changed[entry.name] = kind(raw)
            except ValueError:
                raise BadSetting(
                    f"{raw!r} is no {kind.__name__}", subject=PREFIX + entry.name.upper(), remedy="give a number"
                ) from None
        return cls(**changed)
