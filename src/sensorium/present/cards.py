"""Hits as HTML: the markup that a page and a notebook share.

Every text passes through `escaped`, so that no name, title or passage can become markup, leave its attribute or
turn the reading direction of what stands around it.
"""

from __future__ import annotations

import base64
import html
from functools import cache
from importlib.resources import files

from sensorium.core.items import Aspect, Clip, Place, Preview
from sensorium.core.results import Hit, SearchResults
from sensorium.present.characters import LAYOUT, visible
from sensorium.present.passages import below_title, flowing
from sensorium.present.verdict import NOTHING_FOUND, tally, warning

RASTERS = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"})
"""Pictures that are pixels. A vector picture can hold script and references, and is never shown."""

NARROWEST, WIDEST, PASSAGE = 0.68, 2.4, 2.2
"""Shapes of a card, width / height: a picture beyond them is fitted inside, so that its caption keeps its room."""

PLAYED = {"video/mp4": "video", "video/webm": "video", "audio/mp4": "audio", "audio/ogg": "audio"}
"""What a page plays, and by which element."""

TAIL_CHARACTERS = 9
"""The end of a file name that stays when a card is too narrow for all of it: its extension and what numbers it."""


def escaped(text: str, *, keep: str = "") -> str:
    r"""`text` safe in an element and in a quoted attribute, with what is hidden in it made visible.

    >>> escaped('<b title="x">\u202e')
    '&lt;b title=&quot;x&quot;&gt;⟨U+202E⟩'
    """
    return html.escape(visible(text, keep=keep), quote=True)


@cache
def stylesheet() -> str:
    """The rules for every class named here, all below `.sensorium`."""
    return files(__package__).joinpath("sheet.css").read_text(encoding="utf-8")


def search_section(results: SearchResults, *, heading: str = "h2", anchor: str = "") -> str:
    """One search: the question as heading, then its hits in order. heading: `h1` to `h6`. anchor: its id, if any."""
    identity = f' id="{escaped(anchor)}"' if anchor else ""
    asked = _thumbnail(results.picture) if results.picture else ""
    hits = "\n".join(_card(rank, hit) for rank, hit in enumerate(results, start=1))
    body = f'<ol class="hits">\n{hits}\n</ol>' if hits else f'<p class="nothing">{NOTHING_FOUND}</p>'
    if said := warning(results):
        body = f'<p class="warning">{escaped(said)}</p>\n{body}'
    return (
        f'<section class="search"{identity}>\n<header>{asked}<div>'
        f'<{heading} dir="auto">{escaped(results.question)}</{heading}>'
        f'<p class="count">{escaped(tally(results))}</p></div></header>\n{body}\n</section>'
    )


def _card(rank: int, hit: Hit) -> str:
    """One hit: what it shows, then how well it fits and where it is."""
    ratio, view = _view(hit)
    percent = round(100 * min(max(hit.score, 0.0), 1.0))
    return (
        f'<li class="{"hit" if hit.matches else "hit far"}" style="--ratio:{ratio:.3f}">{view}'
        f'<p class="fit"><span class="rank">{rank}</span><span class="bar" aria-hidden="true">'
        f'<span style="width:{percent}%"></span></span><span class="score">{hit.score:.2f}</span></p>'
        f'{_path(hit.path)}<p class="kind">{escaped(_kind(hit))}</p></li>'
    )


def _view(hit: Hit) -> tuple[float, str]:
    """The shape of a card, width / height, and what it shows.

    A passage that stands on a page is shown there, with its box marked; one that is said in a film below its frame.
    """
    shown = hit.preview if hit.preview is not None and hit.preview.media_type in RASTERS else None
    if hit.clip is not None and hit.clip.media_type in PLAYED:
        return _player(hit, hit.clip, shown)
    place = hit.piece.place
    if shown is not None and (hit.piece.text is None or place.page or place.seconds or place.box):
        return _ratio(shown), f'<div class="view">{_picture(hit, shown)}{_said(hit)}</div>'
    title = f'<strong dir="auto">{escaped(hit.item.title)}</strong>' if hit.item.title else ""
    if hit.piece.text is not None:
        passage = escaped(flowing(below_title(hit.item.title, hit.piece.text)), keep=LAYOUT)
        return PASSAGE, (
            f'<div class="view passage"><div tabindex="0" role="group" aria-label="Passage">'
            f'{title}<p dir="auto">{passage}</p></div></div>'
        )
    return 1.0, f'<div class="view blank">{title}<span>no preview</span></div>'


def _player(hit: Hit, clip: Clip, shown: Preview | None) -> tuple[float, str]:
    """What plays the clip, which lies in the page itself, and below it what is said."""
    data = _held(clip)
    if PLAYED[clip.media_type] == "audio":
        picture = _image(shown, hit.item.title or _name(hit.path)) if shown else ""
        sound = f'<audio controls preload="none" src="{data}"></audio>'
        return PASSAGE, f'<div class="view sound">{picture}{_said(hit)}{sound}</div>'
    poster = f' poster="{_held(shown)}"' if shown else ""
    ratio = _ratio(shown) if shown else 16 / 9
    film = f'<video controls playsinline preload="none"{poster} src="{data}"></video>'
    return ratio, f'<div class="view film">{film}</div>{_said(hit)}'


def _picture(hit: Hit, shown: Preview) -> str:
    """The picture and, where the hit is a part of the page that it shows, a box around that part."""
    image = _image(shown, hit.item.title or _name(hit.path))
    box = hit.piece.place.box
    if box is None or hit.piece.aspect is Aspect.FIGURE:  # a figure's preview shows the figure alone
        return image
    left, top, right, bottom = box
    edges = f"left:{left:.2%};top:{top:.2%};width:{right - left:.2%};height:{bottom - top:.2%}"
    return (
        f'<div class="page" style="aspect-ratio:{shown.width:d}/{shown.height:d}">{image}<i style="{edges}"></i></div>'
    )


def _said(hit: Hit) -> str:
    """The words of a passage, below the picture that it belongs to."""
    if hit.piece.text is None:
        return ""
    words = escaped(flowing(below_title(hit.item.title, hit.piece.text)), keep=LAYOUT)
    return f'<p class="said" dir="auto">{words}</p>'


def _kind(hit: Hit) -> str:
    place = hit.piece.place
    where = Place(seconds=place.seconds, page=place.page, characters=place.characters).describe()
    speaker = hit.piece.attributes.get("speaker", "")
    return " · ".join(filter(None, (hit.kind, speaker, where)))


def _image(preview: Preview, alt: str) -> str:
    """An `img` that holds its own bytes and its size, so that nothing is fetched and nothing moves."""
    return (
        f'<img src="{_held(preview)}" '
        f'width="{preview.width:d}" height="{preview.height:d}" alt="{escaped(alt)}" decoding="async">'
    )


def _held(medium: Preview | Clip) -> str:
    """The address of bytes that the page holds itself (RFC 2397)."""
    return f"data:{escaped(medium.media_type)};base64,{base64.b64encode(medium.data).decode('ascii')}"


def _ratio(shown: Preview) -> float:
    """Width / height of a card that shows this picture."""
    return min(max(shown.width / shown.height, NARROWEST), WIDEST)


def _thumbnail(preview: Preview) -> str:
    if preview.media_type not in RASTERS:
        return ""
    return f'<div class="asked">{_image(preview, "The picture asked with")}</div>'


def _path(path: str) -> str:
    """A path in three parts. When room is short the folder gives way first, then the middle of the name."""
    folder, slash, name = path.rpartition("/")
    parts = {"folder": folder + slash, "stem": name[:-TAIL_CHARACTERS], "tail": name[-TAIL_CHARACTERS:]}
    shown = "".join(f'<bdi class="{part}">{escaped(text)}</bdi>' for part, text in parts.items() if text)
    return f'<p class="path" dir="ltr" title="{escaped(path)}">{shown}</p>'


def _name(path: str) -> str:
    return path.rpartition("/")[2] or path
