"""What the server says of items, pieces and hits: public ids, names of files without folders, signed addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from sensorium.core.items import Item, Modality, Piece, Preview
from sensorium.core.reports import Diagnosis, Finding, ItemView, LibraryInfo
from sensorium.core.results import Hit, SearchResults
from sensorium.core.trace import Trace

Sign = Callable[[str], str]
"""From a path to its address with a right of its own."""

PLAYABLE: Mapping[str, str] = {
    "audio/aac": "audio/aac",
    "audio/flac": "audio/flac",
    "audio/mp4": "audio/mp4",
    "audio/mpeg": "audio/mpeg",
    "audio/ogg": "audio/ogg",
    "audio/wav": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/webm": "audio/webm",
    "video/mp4": "video/mp4",
    "video/ogg": "video/ogg",
    "video/quicktime": "video/mp4",
    "video/webm": "video/webm",
}
"""Types of recordings and films whose bytes are given as they are, by the type that is said of them: browsers play
these, and none of them is a page or a program."""


def file_name(source: str) -> str:
    """The last part of a path, in letters that JSON can carry.

    >>> file_name("/home/ann/a.png")
    'a.png'
    """
    return PurePath(source).name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def bare_hit(hit: Hit) -> dict[str, Any]:
    """A hit without addresses: what may be remembered for all callers of a scope."""
    said = {**hit.as_json(), "path": file_name(hit.path)}
    if hit.preview is not None:
        said["preview_size"] = [hit.preview.width, hit.preview.height]
    said["folded"] = [_in_fold(one) for one in hit.folded]
    return said


def _in_fold(hit: Hit) -> dict[str, Any]:
    size = {} if hit.preview is None else {"preview_size": [hit.preview.width, hit.preview.height]}
    return {**hit.in_fold(), "path": file_name(hit.path), **size}


def linked(hit: Mapping[str, Any], sign: Sign) -> dict[str, Any]:
    """The hit with the addresses of what there is of it."""
    links = _links(hit["item"], hit["media_type"], hit["kind"], sign)
    piece = quote(hit["piece"], safe="")
    if "preview_size" in hit:
        links["preview"] = sign(f"/v1/pieces/{piece}/preview")
    if hit["kind"] in (Modality.AUDIO, Modality.VIDEO):
        links["clip"] = sign(f"/v1/pieces/{piece}/clip")
    region = (hit.get("explanation") or {}).get("region")
    if region is not None and region["box"] is not None:
        links["region"] = sign(f"/v1/pieces/{quote(region['piece'], safe='')}/preview")
    folds = [linked(one, sign) for one in hit.get("folded", ())]
    return {**hit, **({"folded": folds} if folds else {}), "links": links}


def _links(item: str, media_type: str, kind: str, sign: Sign) -> dict[str, str]:
    path = f"/v1/items/{quote(item, safe='')}"
    links = {"item": path}
    if kind == Modality.IMAGE or media_type in PLAYABLE:
        links["media"] = sign(f"{path}/media")
    return links


def bare_results(results: SearchResults) -> dict[str, Any]:
    """An answer as it may be remembered."""
    return {
        **results.as_json(),
        "hits": [bare_hit(hit) for hit in results],
        "trace": trace_json(results.trace),
    }


def trace_json(trace: Trace) -> list[dict[str, Any]]:
    """Each stage with its milliseconds and counts, of visible pieces; the first also with the question's parts.

    The last also tells what was left out, and what left the machine, where there was anything.
    """
    stages: list[dict[str, Any]] = [
        {"stage": stage.name, "milliseconds": round(1000 * stage.seconds, 3), "counts": dict(stage.counts)}
        for stage in trace.stages
    ]
    if stages and trace.parts:
        stages[0]["parts"] = [asdict(part) for part in trace.parts]
    if stages and trace.left_out:
        stages[-1]["left_out"] = [asdict(one) for one in trace.left_out]
    if stages and trace.departures:
        stages[-1]["left"] = [one.as_json() for one in trace.departures]
    return stages


def item_json(item: Item, sign: Sign, face: tuple[Piece, Preview] | None = None) -> dict[str, Any]:
    """An item. face: a piece of it that has a preview, and that."""
    links = _links(item.id, item.media_type, str(item.modality), sign)
    said: dict[str, Any] = {
        "id": item.id,
        "title": item.title,
        "path": file_name(item.lineage.source),
        "kind": str(item.modality),
        "media_type": item.media_type,
        "size": item.lineage.size,
        "added_at": item.lineage.added_at,
        "attributes": {name: _value(value) for name, value in item.attributes.items()},
        "links": links,
    }
    if face is not None:
        first, shown = face
        said["piece"] = first.id
        said["preview_size"] = [shown.width, shown.height]
        links["preview"] = sign(f"/v1/pieces/{quote(first.id, safe='')}/preview")
    return said


def _value(value: Any) -> Any:
    """An attribute's value as JSON."""
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, tuple | list | frozenset):
        return [_value(part) for part in value]
    return str(value)


def view_json(view: ItemView, sign: Sign, face: tuple[Piece, Preview] | None) -> dict[str, Any]:
    """An item whole: its pieces, and what is seen in it where that was asked."""
    said = item_json(view.item, sign, face)
    said["sources"] = [file_name(source) for source in view.sources]
    said["pieces"] = [_piece_json(piece, view.item, sign) for piece in view.pieces]
    if view.seen is not None:
        said["seen"] = {
            "names": [
                {"name": named.name, "sense": str(named.sense), "score": round(named.score, 6)}
                for named in view.seen.names
            ],
            "speech": view.seen.speech,
            "writing": view.seen.writing,
            "colours": view.seen.colours,
        }
    return said


def _piece_json(piece: Piece, item: Item, sign: Sign) -> dict[str, Any]:
    path = f"/v1/pieces/{quote(piece.id, safe='')}"
    links = {"preview": sign(f"{path}/preview")} if _may_have_preview(piece) else {}
    if item.modality in (Modality.AUDIO, Modality.VIDEO) and piece.place.seconds is not None:
        links["clip"] = sign(f"{path}/clip")
    return {
        "piece": piece.id,
        "modality": str(piece.modality),
        "aspect": str(piece.aspect),
        "place": piece.place.as_json(),
        "text": piece.text,
        "attributes": dict(piece.attributes),
        "links": links,
    }


def _may_have_preview(piece: Piece) -> bool:
    place = piece.place
    return piece.modality is Modality.IMAGE or any(part is not None for part in (place.page, place.seconds, place.box))


def info_json(info: LibraryInfo) -> dict[str, Any]:
    """The library in numbers, without where it lies."""
    return {
        "items": {str(kind): count for kind, count in info.items.items()},
        "pieces": {str(kind): count for kind, count in info.pieces.items()},
        "spaces": [{"id": space.id, "width": space.width} for space in info.spaces],
        "refused": info.refused,
        "generation": info.generation,
        "bytes_on_disk": info.bytes_on_disk,
    }


def diagnosis_json(diagnosis: Diagnosis, folder: str) -> dict[str, Any]:
    """All findings. folder: of the library, whose path is left out of what they say."""

    def said(finding: Finding) -> dict[str, Any]:
        return {
            "check": finding.check,
            "healthy": finding.healthy,
            "mended": finding.mended,
            "message": pathless(finding.message, folder),
            "remedy": pathless(finding.remedy, folder),
        }

    return {"healthy": diagnosis.healthy, "findings": [said(finding) for finding in diagnosis.findings]}


def pathless(text: str, folder: str) -> str:
    """The text with every absolute path cut down to its last part.

    >>> pathless("/srv/library/store.sqlite3: 3 files below /home/ann are gone", "/srv/library")
    'store.sqlite3: 3 files below ann are gone'
    """
    words = text.replace(folder.rstrip("/") + "/", "").replace(folder, "the library").split(" ")
    return " ".join(PurePath(word).name if word.startswith("/") and len(word) > 1 else word for word in words)
