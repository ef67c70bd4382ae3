"""Where the real learning data lies that some tests read; it is not part of this repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"


def real_data(name: str) -> Path:
    """Find a file or folder under ``KOHORT_DATA``, else ``../shared/data``, or skip the test."""
    path = Path(os.environ.get("KOHORT_DATA", _BESIDE)) / name
    if not path.exists():
        pytest.skip(f"the learning data `{name}` is not here (KOHORT_DATA or ../shared/data)")
    return path
