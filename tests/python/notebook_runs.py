"""Runs each notebook once; those about real data skip with a reason where the data is not."""

from __future__ import annotations

import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from real_data import real_data

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.py"))
READS = {"02_a_course_examined": "oulad_2013", "04_videos_examined": "ralph_fun_video"}


@cache
def names_of(stem: str) -> dict[str, Any]:
    """Run a notebook from its first cell to its last and return the names that it leaves behind."""
    (path,) = [path for path in NOTEBOOKS if path.stem == stem]
    with pytest.MonkeyPatch.context() as patch:
        if stem in READS:
            patch.setenv("KOHORT_DATA", str(real_data(READS[stem]).parent))
        return runpy.run_path(str(path))
