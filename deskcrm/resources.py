"""Where the versioned reference data lies: `data/` in a checkout, `_data` in the wheel."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parent


@cache
def data_dir() -> Path:
    """The folder of the reference data."""
    packed = _PACKAGE / "_data"
    return packed if packed.is_dir() else _PACKAGE.parent / "data"


def data_path(name: str) -> Path:
    """The path of one reference data file, ``name`` relative to the data folder."""
    return data_dir() / name


def load_toml(name: str) -> dict[str, Any]:
    """A reference data file in TOML."""
    with data_path(name).open("rb") as file:
        return tomllib.load(file)


def load_json(name: str) -> Any:
    """A reference data file in JSON."""
    return json.loads(data_path(name).read_text(encoding="utf-8"))
