"""`models`: the list, what is known of one, fetching and checking, as a shell sees them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensorium.cli import main
from sensorium.models import fetching
from sensorium.testing.hub_server import HubScript, hub_server

MICRO = Path(__file__).resolve().parents[1] / "encoders" / "micro" / "clip"
MODEL = "someone/micro"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(fetching, "SPARE", 0)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubScript]:
    files = {str(path.relative_to(MICRO)): path.read_bytes() for path in MICRO.rglob("*") if path.is_file()}
    script = HubScript(models={MODEL: files})
    with hub_server(script) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        yield script


def test_the_list_names_every_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[0].startswith("compact")
    assert "siglip2-base" in shown


def test_the_list_as_json_carries_figures_with_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "sensorium.models/1"
    row = next(model for model in document["models"] if model["name"] == "siglip-base")
    assert row["setting"] == "onnx:siglip-base"
    assert not row["here"]
    assert all(figure["source"] for figure in row["published"])


def test_a_model_is_explained_and_what_is_not_known_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "explain", "clip-base"]) == 0
    shown = capsys.readouterr().out
    assert "SENSORIUM_ENCODER=onnx:clip-base" in shown
    assert "not known" in next(line for line in shown.splitlines() if line.startswith("licence"))


def test_a_model_that_the_list_does_not_know_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "explain", "nothing"]) == 1
    assert "siglip2-base" in capsys.readouterr().err


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_model_is_fetched_and_checked(hub: HubScript, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "get", MODEL]) == 0
    told = capsys.readouterr()
    assert "MB fetched" in told.out
    assert f"SENSORIUM_ENCODER=onnx:{MODEL}" in told.err
    assert "texts of more than 77 tokens are read in windows" in told.err
    assert main(["models", "get", MODEL]) == 0
    assert "it was here" in capsys.readouterr().out
    assert main(["models", "check", MODEL]) == 0
    assert "files are what was fetched" in capsys.readouterr().out


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_check_ends_with_1_and_names_what_is_wrong(hub: HubScript, capsys: pytest.CaptureFixture[str]) -> None:
    main(["models", "get", MODEL])
    (found,) = Path(fetching.hub_cache()).glob("*/snapshots/*/config.json")
    with found.resolve().open("ab") as file:
        file.write(b" ")
    capsys.readouterr()
    assert main(["models", "check", MODEL]) == 1
    assert "WRONG" in capsys.readouterr().out


def test_offline_nothing_is_asked_and_the_remedy_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert main(["models", "get", MODEL]) == 1
    assert "HF_HUB_OFFLINE" in capsys.readouterr().err


def test_the_built_in_model_is_not_fetched(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "get", "compact"]) == 1
    assert "built in" in capsys.readouterr().err
