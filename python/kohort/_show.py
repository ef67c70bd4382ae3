"""Tables as text for a terminal."""

from __future__ import annotations

import polars as pl

ROWS = 20


def table(frame: pl.DataFrame, rows: int = ROWS) -> str:
    """Return the first rows of a table in plain columns, with what is too fine rounded off."""
    shown = frame.head(rows).with_columns(
        (pl.selectors.duration().dt.total_seconds() * 1000).cast(pl.Duration("ms")),
        pl.selectors.datetime().dt.truncate("1m").dt.strftime("%Y-%m-%d %H:%M"),
        pl.selectors.float().round(3),
    )
    with pl.Config(
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_width_chars=10_000,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        tbl_formatting="UTF8_BORDERS_ONLY",
        fmt_str_lengths=40,
        fmt_float="mixed",
    ):
        text = str(shown)
    more = frame.height - shown.height
    return text if more <= 0 else f"{text}\n... and {more:,} more rows"
