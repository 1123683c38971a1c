"""The public names: one curated list, loaded when they are used."""

import subprocess
import sys
import types

import pytest

import sensorium


@pytest.mark.parametrize("name", sensorium.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(sensorium, name) is not None


def test_what_is_exposed_is_what_is_listed() -> None:
    program = "import sensorium; print(*(n for n in vars(sensorium) if not n.startswith('_')))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) <= {*sensorium.__all__, "annotations", "importlib", "TYPE_CHECKING", "Any"}
    assert set(dir(sensorium)) == {*sensorium.__all__, "__version__"}


def test_the_list_is_sorted_and_holds_no_modules() -> None:
    assert list(sensorium.__all__) == sorted(set(sensorium.__all__))
    assert not [name for name in sensorium.__all__ if isinstance(getattr(sensorium, name), types.ModuleType)]


def test_a_name_that_is_not_listed_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = sensorium.nothing


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert sensorium.__version__ == version("sensorium")
