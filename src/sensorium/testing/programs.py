"""Programs of tests, which run in processes of their own and are modules of the test that starts them too."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def loaded(name: str, program: Path) -> ModuleType:
    """The module of a file, known by `name` from now on, so that other modules import it by that.

    >>> loaded("programs_again", Path(__file__)).__name__
    'programs_again'
    """
    spec = importlib.util.spec_from_file_location(name, program)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
