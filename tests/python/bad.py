"""Small logs with something wrong in them, and what kohort says about it."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta, timezone
from typing import Any

import kohort as kh
import polars as pl
import pytest
from twin import Cell

UTC = timezone.utc
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def log(**columns: Cell) -> pl.DataFrame:
    """As many good rows as the given columns have, with those columns put in."""
    n = max((len(values) for values in columns.values()), default=3)
    good: dict[str, Any] = {
        "learner": ["L1"] * n,
        "time": [NOON + i * MINUTE for i in range(n)],
        "content": ["c1"] * n,
    }
    return pl.DataFrame(good | columns)


def read(events: Cell, **options: Cell) -> kh.LearningData:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", kh.RejectedRowsWarning)
        return kh.LearningData(events, **{"tz": "UTC", "resolution": "instant", **options})


def rejected(data: kh.LearningData) -> list[tuple[str, int, str | None, str]]:
    assert data.rejected.columns == ["table", "row", "column", "reason"]
    return sorted(data.rejected.rows())


def counts(data: kh.LearningData, table: str = "events") -> dict[str, int]:
    """Return the findings about one table; what was read is kept, dropped or rejected."""
    assert data.quality.columns == ["table", "finding", "rows"]
    rows = data.quality.filter(pl.col("table") == table)
    found: dict[str, int] = dict(rows.select("finding", "rows").rows())
    gone = [n for name, n in found.items() if "dropped" in name or name.startswith("rejected: ")]
    assert found["rows read"] == found["rows kept"] + sum(gone)
    by_reason = data.rejected.filter(pl.col("table") == table)["reason"].value_counts().rows()
    assert {f"rejected: {reason}": n for reason, n in by_reason} == {
        name: n for name, n in found.items() if name.startswith("rejected: ")
    }
    return found


def kept(data: kh.LearningData) -> int:
    return int(data.personal().summary()["events"].sum())


def refused(call: Cell, *words: str, kind: type[Exception] = kh.KohortError) -> str:
    """Return the message of the error, which holds every word."""
    with pytest.raises(kind) as caught:
        call()
    message = str(caught.value)
    for word in words:
        assert word in message, message
    assert "panick" not in message
    return message


def check_rejects(data: kh.LearningData, row: int, column: str, reason: str) -> None:
    """Exactly the one row is set apart, with its reason, and the counts add up."""
    assert rejected(data) == [("events", row, column, reason)]
    found = counts(data)
    assert found["rows read"] == 3
    assert found["rows kept"] == 2 == kept(data)
    assert found[f"rejected: {reason}"] == 1
