"""Free sounds that packages of the Debian archive carry: which packages, and how their sounds are laid out.

All packages are of the section `main`, so what they hold is free by the Debian guidelines; `docs/sound.md` lists them
with their licences. Nothing of them is kept but what training learns from them.
"""

from __future__ import annotations

import io
import logging
import re
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

log = logging.getLogger(__name__)

PACKAGES = (
    "amoebax-data",
    "ardentryst",
    "asc-music",
    "asterisk-core-sounds-en-wav",
    "bambam",
    "blinken",
    "blobby-data",
    "boswars-data",
    "brainparty-data",
    "btanks-data",
    "bucklespring-data",
    "bzflag-data",
    "chromium-bsu-data",
    "colobot-common-sounds",
    "csmash-data",
    "dreamchess-data",
    "etw-data",
    "extremetuxracer-data",
    "fillets-ng-data",
    "foobillardplus-data",
    "freedink-data",
    "freedroidrpg-data",
    "fretsonfire-songs-sectoid",
    "frozen-bubble-data",
    "gamine-data",
    "gbrainy",
    "gcompris-qt-data",
    "gl-117-data",
    "glob2-data",
    "granatier",
    "hedgewars-data",
    "holotz-castle-data",
    "hydrogen-data",
    "hydrogen-drumkits",
    "kanagram",
    "kapman",
    "kbounce",
    "kgoldrunner",
    "khangman",
    "klettres-data",
    "knights",
    "kolf",
    "ksirk",
    "ktuberling-data",
    "libreoffice-common",
    "lincity-ng-data",
    "lmms-common",
    "lomiri-sounds",
    "lordsawar-data",
    "lugaru-data",
    "minetest-data",
    "minetest-mod-homedecor",
    "minetest-mod-mesecons",
    "minetest-mod-nether",
    "minetest-mod-xdecor",
    "monsterz-data",
    "njam-data",
    "openarena-data",
    "opencity-data",
    "openttd-opensfx",
    "overgod-data",
    "oxygen-sounds",
    "pekka-kana-2-data",
    "performous",
    "pidgin-data",
    "pinball-data",
    "pingus-data",
    "pokerth-data",
    "powermanga-data",
    "psi-plus-sounds",
    "raincat-data",
    "ri-li-data",
    "searchandrescue-data",
    "simutrans-pak64",
    "singularity-music",
    "sonic-pi-samples",
    "sound-icons",
    "sound-theme-freedesktop",
    "toppler",
    "trackballs-data",
    "tuxmath-data",
    "tuxpaint-stamps-default",
    "tuxtype-data",
    "ufoai-sound",
    "unknown-horizons",
    "warmux-data",
    "warzone2100-data",
    "wesnoth-1.16-data",
    "xboard",
    "xmoto-data",
    "yaru-theme-sound",
)
SUFFIXES = frozenset({".wav", ".ogg", ".oga", ".mp3", ".flac", ".opus"})
ARCHIVES = frozenset({".pk3", ".zip", ".wz", ".rcc", ".cat"})
LARGEST = 12_000_000
"""Bytes of one sound file; longer ones are music, of which there is enough."""

DESCRIPTION = "_desc"
"""In names of voices that read out what a stamp shows: thousands of them."""

EMPTY = frozenset({"sound", "sounds", "sfx", "music", "data", "audio", "share", "usr", "games", "ogg", "wav", "the"})


@dataclass(frozen=True, slots=True)
class PackageSound:
    """A file on the disk, the package it is from, and the words of its name: a weak caption."""

    path: Path
    package: str
    words: str


def package_sounds(work: Path) -> list[PackageSound]:
    """All sounds of all packages, fetched and unpacked below `work` unless they are there already."""
    found = []
    for package in PACKAGES:
        folder = work / "packages" / package
        if not folder.is_dir():
            _unpack(_fetch(package, work / "debs"), folder)
        found += [
            PackageSound(path, package, spoken(path.name))
            for path in sorted(folder.iterdir())
            if path.stat().st_size and DESCRIPTION not in path.name
        ]
    return found


def spoken(name: str) -> str:
    """The words of a file's name.

    >>> spoken("animals__DogBark_02.ogg"), spoken("sounds__rain-on-roof.wav")
    ('animals dog bark', 'rain on roof')
    """
    stem = PurePosixPath(name).stem
    parts = re.sub(r"([a-z])([A-Z])", r"\1 \2", stem)
    words = [word.lower() for word in re.split(r"[^A-Za-z]+", parts) if len(word) > 1]
    return " ".join(word for word in words if word not in EMPTY)


def _fetch(package: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    known = sorted(folder.glob(f"{package}_*.deb"))
    if not known:
        log.info("fetching %s", package)
        subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True)
        known = sorted(folder.glob(f"{package}_*.deb"))
    return known[0]


def _unpack(archive: Path, folder: Path) -> None:
    """Writes the sounds of a package, each under the last two parts of its path. The folder appears whole."""
    partial = folder.with_suffix(".partial")
    partial.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with tarfile.open(fileobj=process.stdout, mode="r|") as files:
            for name, data in _sounds_of(files):
                (partial / "__".join(PurePosixPath(name).parts[-2:])).write_bytes(data)
    partial.rename(folder)


def _sounds_of(files: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for entry in files:
        suffix = PurePosixPath(entry.name).suffix.lower()
        if not entry.isfile() or suffix not in SUFFIXES | ARCHIVES:
            continue
        stream = files.extractfile(entry)
        assert stream is not None
        if suffix in ARCHIVES:
            yield from ((name, sound) for name, sound in _members(stream.read()) if len(sound) <= LARGEST)
        elif entry.size <= LARGEST:
            yield entry.name, stream.read()


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    if data[:4] == b"qres":
        yield from _resources(data)
    if not zipfile.is_zipfile(io.BytesIO(data)):
        yield from _waves(data)
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if PurePosixPath(member.filename).suffix.lower() in SUFFIXES and member.file_size <= LARGEST:
                yield member.filename, archive.read(member)


def _waves(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The RIFF files that lie one after another in a file of another form, such as a sound set of OpenTTD."""
    for number, found in enumerate(re.finditer(rb"RIFF(.{4})WAVE", data, re.DOTALL)):
        length = struct.unpack("<I", found[1])[0] + 8
        yield f"{number}.wav", data[found.start() : found.start() + length]


def _resources(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The sounds of a resource file of Qt (rcc, versions 1 to 3), with the last two parts of their paths."""
    version, tree, contents, names = struct.unpack(">4I", data[4:20])
    size = 14 if version == 1 else 22

    def walk(node: int, path: str) -> Iterator[tuple[str, bytes]]:
        start = tree + node * size
        name, flags, *rest = struct.unpack(">IHII", data[start : start + 14])
        here = path
        if node:
            length = struct.unpack(">H", data[names + name : names + name + 2])[0]
            said = data[names + name + 6 : names + name + 6 + 2 * length].decode("utf-16-be")
            here = f"{path}/{said}"
        if flags & 2:
            for child in range(rest[1], rest[1] + rest[0]):
                yield from walk(child, here)
        elif PurePosixPath(here).suffix.lower() in SUFFIXES and not flags & 4:
            begin = contents + rest[1] + 4
            inner = data[begin : begin + struct.unpack(">I", data[begin - 4 : begin])[0]]
            yield here, zlib.decompress(inner[4:]) if flags & 1 else inner

    yield from walk(0, "")
