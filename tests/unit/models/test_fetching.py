"""`get` against a server of the hub's protocol: whole or not at all, resumed, pinned, and quiet when offline."""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium.core.errors import BadSetting, ExtraMissing, FetchFailed, ModelDamaged, WriteFailed
from sensorium.core.items import Modality
from sensorium.encoders.onnx import OnnxEncoder
from sensorium.models import fetching
from sensorium.models.cache import HubId, hub_cache, located, snapshot
from sensorium.models.fetching import check, get
from sensorium.models.hub import Hub
from sensorium.models.pins import pins_path, read_pins
from sensorium.testing.hub_server import HubScript, hub_server

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]

MICRO = Path(__file__).resolve().parents[1] / "encoders" / "micro" / "clip"
MODEL = "someone/micro"
WEIGHTS = "onnx/text_model.onnx"


def files() -> dict[str, bytes]:
    kept = {str(path.relative_to(MICRO)): path.read_bytes() for path in MICRO.rglob("*") if path.is_file()}
    return {**kept, "README.md": b"read me", "onnx/text_model_q4.onnx": b"q" * 5_000, "pytorch_model.bin": b"p" * 5_000}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(fetching, "SPARE", 0)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubScript]:
    made = HubScript(models={MODEL: files()})
    with hub_server(made) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        yield made


def installed() -> list[str]:
    """What anybody who looks into the cache finds: the files of all snapshots."""
    found = hub_cache().glob("models--*/snapshots/*/**/*")
    return sorted(path.name for path in found if not path.is_dir())


def test_a_model_comes_in_and_works_without_a_network(
    script: HubScript, socket_disabled_later: Callable[[], None]
) -> None:
    fetched = get(MODEL)
    assert (fetched.encoder, fetched.commit) == ("onnx", script.commit(MODEL))
    socket_disabled_later()
    encoder = OnnxEncoder.load(threads=1, model=MODEL)
    np.testing.assert_allclose(
        encoder.encode(Modality.TEXT, ["a"], "query"), ours().encode(Modality.TEXT, ["a"], "query")
    )
    assert check(MODEL).wrong == {}
    assert get(MODEL).fetched == 0
    with pytest.raises(FetchFailed, match="can not be reached"):
        get("someone/else")


def ours() -> OnnxEncoder:
    return OnnxEncoder.load(threads=1, model=str(MICRO))


@pytest.fixture
def socket_disabled_later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Cuts the network: no connection can be made from then on."""

    def refuse(*args: object, **options: object) -> None:
        raise OSError("the network is cut")

    def cut() -> None:
        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket, "create_connection", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)

    return cut


def test_only_what_the_encoder_reads_is_fetched(script: HubScript) -> None:
    get(MODEL)
    asked = {path.rsplit("/", 1)[-1] for path, _ in script.asked}
    assert "text_model.onnx" in asked
    assert not asked & {"README.md", "pytorch_model.bin", "text_model_q4.onnx"}


def test_the_cache_has_the_layout_that_other_tools_read(script: HubScript) -> None:
    fetched = get(MODEL)
    folder = hub_cache() / "models--someone--micro"
    assert (folder / "refs/main").read_text() == fetched.commit
    assert fetched.folder == folder / "snapshots" / fetched.commit
    weights = fetched.folder / WEIGHTS
    assert weights.resolve().name == hashlib.sha256(files()[WEIGHTS]).hexdigest()
    assert not weights.readlink().is_absolute()
    assert located(MODEL) == fetched.folder
    assert not list(folder.rglob("*.incomplete"))


def test_what_broke_off_goes_on_from_there_in_the_same_call(script: HubScript) -> None:
    script.breaks[WEIGHTS] = 20_000
    get(MODEL)
    assert [asked for path, asked in script.asked if path.endswith(WEIGHTS)] == ["", "", "bytes=20000-", "bytes=20000-"]
    assert check(MODEL).wrong == {}


def test_what_broke_off_goes_on_from_there_in_a_later_call(script: HubScript) -> None:
    blobs = hub_cache() / "models--someone--micro" / "blobs"
    blobs.mkdir(parents=True)
    data = files()[WEIGHTS]
    (blobs / f"{hashlib.sha256(data).hexdigest()}.incomplete").write_bytes(data[:30_000])
    fetched = get(MODEL)
    assert "bytes=30000-" in [asked for path, asked in script.asked if path.endswith(WEIGHTS)]
    assert fetched.fetched == fetched.bytes - 30_000
    assert check(MODEL).wrong == {}


def test_a_server_without_ranges_sends_it_all_again(script: HubScript) -> None:
    script.ranges = False
    script.breaks[WEIGHTS] = 20_000
    get(MODEL)
    assert check(MODEL).wrong == {}


def test_a_line_that_is_cut_leaves_nothing_installed_and_the_next_call_ends_it(script: HubScript) -> None:
    script.breaks[WEIGHTS] = 0
    with pytest.raises(FetchFailed, match="the line broke"):
        get(MODEL)
    assert installed() == []
    assert read_pins() == {}
    with pytest.raises(ExtraMissing):
        located(MODEL)
    get(MODEL)
    assert check(MODEL).wrong == {}


@pytest.mark.parametrize("name", [WEIGHTS, "config.json"])
def test_bytes_of_another_hash_are_thrown_away(script: HubScript, name: str) -> None:
    data = files()[name]
    script.lies[name] = data[:-1] + bytes([data[-1] ^ 1])
    with pytest.raises(ModelDamaged, match="not what the hub says") as caught:
        get(MODEL)
    assert caught.value.subject == name
    assert installed() == []
    assert not list(hub_cache().rglob("*.incomplete"))
    script.lies.clear()
    get(MODEL)
    assert check(MODEL).wrong == {}


def test_a_file_that_is_longer_than_it_was_said_is_refused(script: HubScript) -> None:
    script.lies[WEIGHTS] = files()[WEIGHTS] + b"more"
    with pytest.raises(ModelDamaged):
        get(MODEL)
    assert installed() == []


def test_a_disk_without_room_is_told_before_anything_is_fetched(
    script: HubScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SPARE", 1 << 60)
    with pytest.raises(WriteFailed, match="MB are free"):
        get(MODEL)
    assert not [path for path, _ in script.asked if "resolve" in path]
    assert installed() == []


def test_a_disk_that_fills_up_is_told_and_leaves_nothing_installed(
    script: HubScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(28, os.strerror(28))
    monkeypatch.setattr(os, "fsync", lambda descriptor: (_ for _ in ()).throw(full))
    with pytest.raises(WriteFailed, match="the disk is full"):
        get(MODEL)
    assert installed() == []


def test_a_file_that_another_process_is_fetching_is_left_to_it(script: HubScript) -> None:
    blobs = hub_cache() / "models--someone--micro" / "blobs"
    blobs.mkdir(parents=True)
    held = blobs / f"{hashlib.sha256(files()[WEIGHTS]).hexdigest()}.incomplete"
    with held.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(FetchFailed, match="another process"):
            get(MODEL)
    assert installed() == []
    get(MODEL)
    assert check(MODEL).wrong == {}


def test_a_cache_that_can_not_be_written_is_told(script: HubScript, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "file"))
    with pytest.raises(WriteFailed):
        get(MODEL)


def test_offline_says_what_is_missing_and_asks_nobody(script: HubScript, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(FetchFailed, match="HF_HUB_OFFLINE forbids the network, and nothing of it is here"):
        get(MODEL)
    assert script.asked == []


def test_offline_what_is_here_is_enough(script: HubScript, monkeypatch: pytest.MonkeyPatch) -> None:
    get(MODEL)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    script.asked.clear()
    assert get(MODEL).fetched == 0
    assert script.asked == []


def test_a_model_that_was_fetched_stays_at_its_commit_until_it_is_updated(script: HubScript) -> None:
    first = get(MODEL)
    script.models = {MODEL: {**files(), "config.json": files()["config.json"] + b"\n"}}
    assert get(MODEL).commit == first.commit
    newer = get(MODEL, update=True)
    assert newer.commit != first.commit
    assert located(MODEL) == newer.folder
    assert newer.fetched == len(files()["config.json"]) + 1


def test_every_variant_that_was_fetched_stays_pinned(script: HubScript, monkeypatch: pytest.MonkeyPatch) -> None:
    get(MODEL)
    folder = get(MODEL, variant="q4").folder
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert get(MODEL).fetched == get(MODEL, variant="q4").fetched == 0
    (folder / WEIGHTS).unlink()
    assert check(MODEL).wrong == {WEIGHTS: "it is missing"}


def test_other_bytes_for_a_pinned_commit_are_refused(script: HubScript, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = get(MODEL).commit
    (snapshot(HubId(MODEL)) or Path()).joinpath("config.json").unlink()
    script.models = {MODEL: {**files(), "config.json": b'{"model_type": "clip", "evil": true}'}}
    monkeypatch.setattr(HubScript, "commit", lambda self, model: commit)
    with pytest.raises(ModelDamaged, match=r"other bytes than were pinned: config\.json"):
        get(MODEL)


def test_a_token_goes_to_the_hub_and_not_to_where_it_redirects(
    script: HubScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.token = "hf_secret"
    with pytest.raises(FetchFailed, match="HF_TOKEN"):
        get(MODEL)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    script.keys.clear()
    get(MODEL)
    assert {key for host, key in script.keys if host == "hub"} == {"Bearer hf_secret"}
    assert {key for host, key in script.keys if host == "files"} == {""}


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x"])
def test_a_redirect_to_anything_but_http_is_not_followed(script: HubScript, location: str) -> None:
    script.location = location
    with pytest.raises(FetchFailed):
        get(MODEL)
    assert installed() == []


HASHES = {"size": 1, "blobId": "0" * 40}


@pytest.mark.parametrize(
    "listing",
    [
        [],
        {},
        {"sha": "main", "siblings": []},
        {"sha": "0" * 40, "siblings": [{"rfilename": "../../x.onnx", **HASHES}]},
        {"sha": "0" * 40, "siblings": [{"rfilename": "/x.onnx", **HASHES}]},
        {"sha": "0" * 40, "siblings": [{"rfilename": "a//x.onnx", **HASHES}]},
        {"sha": "0" * 40, "siblings": [{"rfilename": "a\\x", **HASHES}]},
        {"sha": "0" * 40, "siblings": [{"rfilename": "x", "size": -1, "blobId": "0" * 40}]},
        {"sha": "0" * 40, "siblings": [{"rfilename": "x", "size": 1, "blobId": "../../../x"}]},
        {"sha": "0" * 40, "siblings": [{"rfilename": "x", "size": 1, "blobId": "", "lfs": {"sha256": "../x"}}]},
        {"sha": "0" * 40, "siblings": [{"rfilename": 5, **HASHES}]},
        {"sha": "0" * 40, "siblings": 5},
    ],
)
def test_a_list_of_files_that_is_none_is_refused(script: HubScript, listing: Any, tmp_path: Path) -> None:
    script.listing = listing
    with pytest.raises(FetchFailed, match="can not be read"):
        get(MODEL)
    assert installed() == []


@pytest.mark.parametrize(("status", "words"), [(403, "terms"), (404, "no such model"), (500, "status 500")])
def test_what_the_hub_refuses_is_told_with_what_to_do(script: HubScript, status: int, words: str) -> None:
    script.status = status
    with pytest.raises(FetchFailed, match=words):
        get(MODEL)


def test_a_model_that_no_encoder_reads_is_told(script: HubScript) -> None:
    script.models = {MODEL: {"config.json": b"{}", "pytorch_model.bin": b"x" * 2_000}}
    with pytest.raises(FetchFailed, match="neither ONNX towers nor safetensors"):
        get(MODEL)


def test_of_sentence_transformers_no_file_comes_that_can_hold_a_program(script: HubScript) -> None:
    kept = {
        "config.json": b"{}",
        "model.safetensors": b"s" * 2_000,
        "modules.json": b"[]",
        "1_Pooling/config.json": b"{}",
    }
    dropped = {"modeling.py": b"import os", "pytorch_model.bin": b"x" * 2_000, "onnx/model.onnx": b"y" * 2_000}
    script.models = {MODEL: {**kept, **dropped}}
    assert get(MODEL).encoder == "sentence-transformers"
    assert installed() == ["config.json", "config.json", "model.safetensors", "modules.json"]


def test_a_variant_that_is_not_there_is_told_with_those_that_are(script: HubScript) -> None:
    with pytest.raises(FetchFailed, match=r"onnx/text_model_q4\.onnx"):
        get(MODEL, variant="fp16")


def test_progress_reaches_the_size_of_every_file(script: HubScript) -> None:
    told: dict[str, tuple[int, int]] = {}
    get(MODEL, progress=lambda path, done, size: told.update({path: (done, size)}))
    assert {path: size for path, (_, size) in told.items()} == {name: len(files()[name]) for name in told}
    assert all(done == size for done, size in told.values())


def test_check_names_what_was_changed_and_what_is_missing(script: HubScript) -> None:
    folder = get(MODEL).folder
    with (folder / WEIGHTS).resolve().open("r+b") as file:
        file.write(b"\0\0\0\0")
    (folder / "tokenizer.json").unlink()
    assert check(MODEL).wrong == {WEIGHTS: "it is not what was fetched", "tokenizer.json": "it is missing"}


def test_check_holds_what_others_fetched_against_the_names_of_its_blobs(script: HubScript) -> None:
    folder = get(MODEL).folder
    pins_path().unlink()
    assert check(MODEL).wrong == {}
    with (folder / "config.json").resolve().open("ab") as file:
        file.write(b" ")
    assert check(MODEL).wrong == {"config.json": "it is not what was fetched"}


def test_check_of_what_is_not_here_says_how_to_get_it() -> None:
    with pytest.raises(ExtraMissing, match="sensorium models get"):
        check(MODEL)


def test_a_list_of_pins_that_can_not_be_read_is_told(script: HubScript) -> None:
    get(MODEL)
    pins_path().write_text("{")
    with pytest.raises(ModelDamaged):
        get(MODEL)


def test_what_is_built_in_is_not_fetched() -> None:
    with pytest.raises(BadSetting):
        get("compact")


@pytest.mark.parametrize("endpoint", ["ftp://hub.invalid", "file:///", "nothing"])
def test_an_endpoint_of_another_scheme_is_refused(endpoint: str) -> None:
    with pytest.raises(FetchFailed):
        Hub(endpoint)
