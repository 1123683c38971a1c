"""What a file is, told from its first bytes: content decides, never the name.

Runs in the parent on untrusted bytes, so it compares and counts and does nothing cleverer. Kinds that no reader
knows yet are named too, so that a refusal can say "a PDF document" instead of "unknown".
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from sensorium.core.contents import HEAD_BYTES
from sensorium.core.errors import EmptyFile, UnknownType, WrongEncoding
from sensorium.readers.texts.kinds import WORDS as TEXT_WORDS
from sensorium.readers.texts.kinds import text_kind

CONTROL = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]")
"""Characters that no text holds. Backspace, tab, line ends, form feed and escape do occur in logs and listings."""

_CONTROL_BYTES = re.compile(CONTROL.pattern.encode())

PDF_OFFSET = 1024
"""Bytes that may stand before a PDF's signature (ISO 32000-1, annex H.3, note 13): mail and web servers leave some."""

_PDF_LATER = re.compile(rb"^%PDF-\d\.\d\s*$", re.MULTILINE)
_PDF_OBJECT = re.compile(rb"[\r\n]\d+ \d+ obj\b")


@dataclass(frozen=True, slots=True)
class Signature:
    """Bytes at an offset that tell a kind. `words` reads well after "this is".

    written: the format is itself made of letters, so nothing but the magic tells it.
    """

    media_type: str
    words: str
    magic: bytes
    offset: int = 0
    written: bool = False

    def fits(self, head: bytes) -> bool:
        """Magic that spells a word needs a second opinion: "OTTO" starts fonts and letters to Otto."""
        if not head.startswith(self.magic, self.offset):
            return False
        return self.written or not self.magic.isascii() or bool(_CONTROL_BYTES.search(head))


SIGNATURES = (
    Signature("image/jpeg", "a JPEG picture", b"\xff\xd8\xff"),
    Signature("image/png", "a PNG picture", b"\x89PNG\r\n\x1a\n"),
    Signature("image/gif", "a GIF picture", b"GIF87a"),
    Signature("image/gif", "a GIF picture", b"GIF89a"),
    Signature("image/tiff", "a TIFF picture", b"II*\0"),
    Signature("image/tiff", "a TIFF picture", b"MM\0*"),
    Signature("image/jp2", "a JPEG 2000 picture", b"\0\0\0\x0cjP  \r\n\x87\n"),
    Signature("image/jxl", "a JPEG XL picture", b"\xff\x0a"),
    Signature("image/jxl", "a JPEG XL picture", b"\0\0\0\x0cJXL \r\n\x87\n"),
    Signature("image/vnd.adobe.photoshop", "a Photoshop picture", b"8BPS"),
    Signature("image/x-icon", "an icon", b"\0\0\1\0"),
    Signature("application/pdf", "a PDF document", b"%PDF-", written=True),
    Signature("application/postscript", "a PostScript document", b"%!PS", written=True),
    Signature("application/rtf", "an RTF document", b"{\\rtf", written=True),
    Signature("application/x-ole-storage", "an old Office document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    Signature("application/gzip", "a gzip archive", b"\x1f\x8b"),
    Signature("application/x-bzip2", "a bzip2 archive", b"BZh"),
    Signature("application/x-xz", "an xz archive", b"\xfd7zXZ\0"),
    Signature("application/zstd", "a Zstandard archive", b"\x28\xb5\x2f\xfd"),
    Signature("application/x-7z-compressed", "a 7z archive", b"7z\xbc\xaf\x27\x1c"),
    Signature("application/vnd.rar", "a RAR archive", b"Rar!\x1a\x07"),
    Signature("application/x-tar", "a tar archive", b"ustar", 257),
    Signature("audio/mpeg", "an MP3 recording", b"ID3"),
    Signature("audio/flac", "a FLAC recording", b"fLaC"),
    Signature("audio/midi", "a MIDI file", b"MThd"),
    Signature("video/x-flv", "a Flash film", b"FLV\1"),
    Signature("video/mpeg", "an MPEG film", b"\0\0\1\xba"),
    Signature("video/x-ms-asf", "a Windows Media file", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    Signature("application/vnd.sqlite3", "an SQLite database", b"SQLite format 3\0"),
    Signature("application/vnd.apache.parquet", "a Parquet table", b"PAR1"),
    Signature("application/x-hdf5", "an HDF5 file", b"\x89HDF\r\n\x1a\n"),
    Signature("application/x-numpy", "a NumPy array", b"\x93NUMPY"),
    Signature("application/wasm", "a WebAssembly program", b"\0asm"),
    Signature("application/x-elf", "a program", b"\x7fELF"),
    Signature("application/x-mach-binary", "a program", b"\xcf\xfa\xed\xfe"),
    Signature("application/java-vm", "a program", b"\xca\xfe\xba\xbe"),
    Signature("font/otf", "a font", b"OTTO"),
    Signature("font/ttf", "a font", b"\0\1\0\0\0"),
    Signature("font/woff", "a font", b"wOFF"),
    Signature("font/woff2", "a font", b"wOF2"),
)

ARCHIVES = frozenset(
    {"application/zip", "application/x-tar", "application/gzip", "application/x-bzip2", "application/x-xz"}
)
"""What is opened as a folder on request. A zip container may also be a document, which its members tell."""

OPEN_ARCHIVE = "add it with --archives to add the files in it, or unpack it and add them"

RIFF_FORMS = {
    b"WEBP": ("image/webp", "a WebP picture"),
    b"WAVE": ("audio/wav", "a WAV recording"),
    b"AVI ": ("video/x-msvideo", "an AVI film"),
}

FTYP_BRANDS = {
    b"avif": ("image/avif", "an AVIF picture"),
    b"avis": ("image/avif", "an AVIF picture"),
    b"heic": ("image/heic", "a HEIC picture"),
    b"heix": ("image/heic", "a HEIC picture"),
    b"mif1": ("image/heif", "a HEIF picture"),
    b"M4A ": ("audio/mp4", "an MPEG-4 recording"),
    b"M4B ": ("audio/mp4", "an MPEG-4 recording"),
    b"qt  ": ("video/quicktime", "a QuickTime film"),
}

QUICKTIME_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""What a QuickTime film may begin with that is older than `ftyp`."""

OGG = {True: ("video/ogg", "an Ogg film"), False: ("audio/ogg", "an Ogg recording")}
EBML = {True: ("video/webm", "a WebM film"), False: ("video/matroska", "a Matroska film")}
CUES = {True: ("text/vtt", "WebVTT subtitles"), False: ("application/x-subrip", "SubRip subtitles")}
IFF_FORMS = {
    (b"FORM", b"AIFF"): ("audio/aiff", "an AIFF recording"),
    (b"FORM", b"AIFC"): ("audio/aiff", "an AIFF recording"),
    (b"RF64", b"WAVE"): ("audio/wav", "a WAV recording"),
}
AAC = ("audio/aac", "an AAC recording")

EBML_MAGIC = b"\x1a\x45\xdf\xa3"
WEBM_DOCTYPE = re.compile(rb"\x42\x82.{1,8}?webm", re.DOTALL)
"""The element DocType (RFC 8794, 11.2.6) and its content; its length takes up to eight bytes."""

WEBVTT = re.compile(r"WEBVTT([ \t\r\n]|$)")
SUBRIP = re.compile(r"\s{0,9}\d{1,6}[ \t]*\r?\n\d{1,3}:\d\d:\d\d[,.]\d{1,3} --> \d")

ZIP_MEMBERS = {
    b"mimetypeapplication/epub+zip": ("application/epub+zip", "an EPUB book"),
    b"mimetypeapplication/vnd.oasis": ("application/vnd.oasis.opendocument", "an OpenDocument file"),
    b"[Content_Types].xml": ("application/vnd.openxmlformats", "an Office document"),
    b"_rels/": ("application/vnd.openxmlformats", "an Office document"),
}

MARKUP = ("<?xml", "<!--", "<!doctype", "<html", "<head", "<body", "<svg")

ENCODINGS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

TO_UTF8 = "convert it to UTF-8 (for example with `iconv -f ENCODING -t UTF-8`) and add it again"


def recognise(head: bytes) -> str:
    """The media type (RFC 6838) of the file that starts with `head`, of which `HEAD_BYTES` are looked at.

    Raises EmptyFile, WrongEncoding (a text, but not in Unicode) or UnknownType. A type that comes back is one that
    has a name; whether a reader knows it is for the readers to say.

    >>> recognise(b"\\xff\\xd8\\xff\\xe0\\x00\\x10JFIF")
    'image/jpeg'
    >>> recognise("Größe".encode())
    'text/plain'
    """
    head = head[:HEAD_BYTES]
    if not head:
        raise EmptyFile("the file is empty", remedy="nothing to do, there is nothing to find in it")
    return (_binary_kind(head) or _text_kind(head))[0]


def describe(media_type: str) -> str:
    """The kind in words, for refusals.

    >>> describe("application/pdf"), describe("x/y")
    ('a PDF document', 'a file of type x/y')
    """
    return _WORDS.get(media_type, f"a file of type {media_type}")


def text_encoding(head: bytes) -> str:
    """The codec that the byte order mark names, else strict UTF-8.

    >>> text_encoding(b"\\xff\\xfea\\x00")
    'utf-16'
    """
    return next((codec for mark, codec in ENCODINGS if head.startswith(mark)), "utf-8")


def _binary_kind(head: bytes) -> tuple[str, str] | None:
    for signature in SIGNATURES:
        if signature.fits(head):
            return signature.media_type, signature.words
    if head.startswith(b"RIFF") and _CONTROL_BYTES.search(head):
        return RIFF_FORMS.get(head[8:12], ("application/x-riff", "a RIFF file"))
    if head.startswith(b"PK\3\4"):
        members = (kind for name, kind in ZIP_MEMBERS.items() if head.startswith(name, 30))
        return next(members, ("application/zip", "a zip archive"))
    if _PDF_LATER.search(head, 0, PDF_OFFSET) and _PDF_OBJECT.search(head):
        return "application/pdf", "a PDF document"
    return _media_kind(head) or _weak_kind(head)


def _media_kind(head: bytes) -> tuple[str, str] | None:
    """Containers of sound and film, which tell what they hold a little further in."""
    if head[4:8] == b"ftyp":
        return FTYP_BRANDS.get(head[8:12], ("video/mp4", "an MPEG-4 film"))
    if head.startswith(EBML_MAGIC):
        return EBML[bool(WEBM_DOCTYPE.search(head, 0, 128))]
    if head.startswith(b"OggS\0"):
        return OGG[b"\x80theora" in head]
    if head[4:8] in QUICKTIME_ATOMS and head[0] < 0x20:
        return FTYP_BRANDS[b"qt  "]
    return IFF_FORMS.get((head[:4], head[8:12])) or (AAC if _is_adts(head) else None)


def _is_adts(head: bytes) -> bool:
    """A frame of AAC whose length leads to another one (ISO/IEC 13818-7, 6.2.1)."""
    if len(head) < 8 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 0xF > 12:
        return False
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    following = head[length : length + 2]
    return length > 7 and (len(following) < 2 or (following[0] == 0xFF and following[1] & 0xF6 == 0xF0))


def _weak_kind(head: bytes) -> tuple[str, str] | None:
    """Signatures so short that a text may begin with them: a second opinion is asked of the structure."""
    if (
        head.startswith(b"BM")
        and head[6:10] == bytes(4)
        and head[14:15] in (b"\x0c", b"\x28", b"\x40", b"\x6c", b"\x7c")
    ):
        return "image/bmp", "a BMP picture"
    if head.startswith(b"MZ") and _CONTROL_BYTES.search(head):
        return "application/vnd.microsoft.portable-executable", "a program"
    if len(head) > 3 and head[0] == 0xFF and head[1] in (0xFB, 0xFA, 0xF3, 0xF2) and head[2] >> 4 not in (0, 15):
        return "audio/mpeg", "an MP3 recording"
    return None


def _text_kind(head: bytes) -> tuple[str, str]:
    codec = text_encoding(head)
    try:
        text = codecs.getincrementaldecoder(codec)("strict").decode(head)
    except UnicodeDecodeError:
        if codec == "utf-8" and _CONTROL_BYTES.search(head):
            raise _unknown(head) from None
        raise WrongEncoding(
            "a text that is not in UTF-8, nor in UTF-16 with a byte order mark", remedy=TO_UTF8
        ) from None
    if CONTROL.search(text):
        raise _unknown(head)
    return _markup_kind(text.lstrip().lower()) or _cue_kind(text) or (text_kind(text), "a text")


def _cue_kind(text: str) -> tuple[str, str] | None:
    """Subtitles, which are texts that know their seconds."""
    if WEBVTT.match(text):
        return CUES[True]
    return CUES[False] if SUBRIP.match(text) else None


def _markup_kind(start: str) -> tuple[str, str] | None:
    """HTML, SVG or XML; a text that merely opens with a comment stays a text. Plain searches: no backtracking."""
    if not start.startswith(MARKUP):
        return None
    html = min(
        (at for mark in ("<!doctype html", "<html", "<head", "<body") if (at := start.find(mark)) >= 0), default=-1
    )
    svg = start.find("<svg")
    if html >= 0 and not 0 <= svg < html:
        return "text/html", "an HTML page"
    if svg >= 0:
        return "image/svg+xml", "an SVG drawing"
    return ("application/xml", "an XML document") if start.startswith("<?xml") else None


def _unknown(head: bytes) -> UnknownType | WrongEncoding:
    """Every second byte zero is UTF-16 without its mark; anything else is data that has no name here."""
    even, odd = head[0::2], head[1::2]
    if len(head) >= 8 and max(even.count(0), odd.count(0)) >= 0.9 * len(odd) and min(even.count(0), odd.count(0)) == 0:
        return WrongEncoding("a text in UTF-16 without a byte order mark", remedy=TO_UTF8)
    return UnknownType("neither a text nor a kind of file that is known here", remedy="add it in another format")


_WORDS = {
    **{signature.media_type: signature.words for signature in SIGNATURES},
    **dict([*RIFF_FORMS.values(), *FTYP_BRANDS.values(), *ZIP_MEMBERS.values(), *IFF_FORMS.values(), AAC]),
    **dict([*OGG.values(), *EBML.values(), *CUES.values()]),
    "text/html": "an HTML page",
    "image/svg+xml": "an SVG drawing",
    "application/xml": "an XML document",
    "application/x-riff": "a RIFF file",
    "application/zip": "a zip archive",
    "application/vnd.microsoft.portable-executable": "a program",
    "image/bmp": "a BMP picture",
    "video/mp4": "an MPEG-4 film",
    **TEXT_WORDS,
}
