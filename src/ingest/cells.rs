//! Columns of text formats: cells gathered as text, typed once every file has been read.
//!
//! CSV has no types, and guessing them destroys ids (`007`, `1.10`). So a column becomes
//! integers only if each cell is the one way to write its integer; otherwise it stays text,
//! and the schema of learning data parses it where it expects a number. JSON has types, which
//! are kept; where they meet in one column, numbers widen and everything else is text.

use polars::prelude::*;
use rayon::prelude::*;

/// What the cells of a column have been so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing but nulls.
    Null,
    /// Text of a format without types.
    Untyped,
    Flag,
    Int,
    Float,
    Text,
}

impl Kind {
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Null, kind) | (kind, Self::Null) => kind,
            (Self::Int, Self::Float) | (Self::Float, Self::Int) => Self::Float,
            _ => Self::Text,
        }
    }
}

/// One column of one file.
pub(super) struct Cells {
    name: String,
    len: usize,
    kind: Kind,
    texts: StringChunkedBuilder,
}

impl Cells {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            len: 0,
            kind: Kind::Null,
            texts: StringChunkedBuilder::new(name.into(), 0),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds a cell of a format without types.
    pub(super) fn push(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.push_kind(text, Kind::Untyped),
            None => self.push_null(),
        }
    }

    /// Adds a cell of a known kind.
    pub(super) fn push_kind(&mut self, text: &str, kind: Kind) {
        self.kind = self.kind.join(kind);
        self.texts.append_value(text);
        self.len += 1;
    }

    pub(super) fn push_null(&mut self) {
        self.texts.append_null();
        self.len += 1;
    }

    /// Nulls up to `rows` cells.
    pub(super) fn fill(&mut self, rows: usize) {
        while self.len < rows {
            self.push_null();
        }
    }
}

/// What one file holds.
pub(super) struct Sheet {
    pub(super) rows: usize,
    pub(super) columns: Vec<Cells>,
}

/// The frame of all files, one under the other; a column that a file lacks is null there.
pub(super) fn frame(sheets: Vec<Sheet>) -> PolarsResult<DataFrame> {
    let mut height = 0;
    let mut columns: Vec<(Kind, StringChunked)> = Vec::new();
    for sheet in sheets {
        for cells in sheet.columns {
            let texts = cells.texts.finish();
            let name = texts.name();
            if let Some((kind, column)) = columns.iter_mut().find(|(_, c)| c.name() == name) {
                *kind = kind.join(cells.kind);
                column.append(&texts)?;
            } else {
                let mut column = StringChunked::full_null(name.clone(), height);
                column.append(&texts)?;
                columns.push((cells.kind, column));
            }
        }
        height += sheet.rows;
        for (_, column) in &mut columns {
            let absent = height - column.len();
            column.append(&StringChunked::full_null(column.name().clone(), absent))?;
        }
    }
    let columns = columns
        .into_par_iter()
        .map(|(kind, texts)| typed(kind, texts))
        .collect();
    DataFrame::new(height, columns)
}

fn typed(kind: Kind, texts: StringChunked) -> Column {
    let name = texts.name().clone();
    let series = match kind {
        Kind::Null => Series::full_null(name, texts.len(), &DataType::Null),
        Kind::Untyped | Kind::Int => match integers(&texts) {
            Some(integers) => integers.into_series(),
            None => texts.into_series(),
        },
        Kind::Flag => {
            let flags: BooleanChunked = texts.iter().map(|text| Some(text? == "true")).collect();
            flags.with_name(name).into_series()
        }
        Kind::Float => {
            let floats = texts.iter().map(|text| text?.parse::<f64>().ok());
            let floats: Float64Chunked = floats.collect();
            floats.with_name(name).into_series()
        }
        Kind::Text => texts.into_series(),
    };
    series.into_column()
}

/// The cells as integers, if that loses nothing.
pub(super) fn integers(texts: &StringChunked) -> Option<Int64Chunked> {
    let mut integers = PrimitiveChunkedBuilder::<Int64Type>::new(texts.name().clone(), texts.len());
    for text in texts.iter() {
        match text {
            Some(text) => integers.append_value(integer(text)?),
            None => integers.append_null(),
        }
    }
    Some(integers.finish())
}

/// The integer a text stands for, if no other text stands for it: `7`, but not `007` or `+7`.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = plain && (!digits.starts_with('0') || text == "0");
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str]) -> DataType {
        let mut column = Cells::new("learner");
        for cell in cells {
            column.push(Some(cell).filter(|cell| !cell.is_empty()).copied());
        }
        let sheet = Sheet {
            rows: column.len(),
            columns: vec![column],
        };
        frame(vec![sheet])
            .unwrap()
            .column("learner")
            .unwrap()
            .dtype()
            .clone()
    }

    #[test]
    fn only_integers_that_read_back_as_written_are_integers() {
        assert_eq!(column(&["7", "", "-12", "0"]), DataType::Int64);
        assert_eq!(column(&["007", "7"]), DataType::String);
        assert_eq!(column(&["-0"]), DataType::String);
        assert_eq!(column(&["1.10", "1.1"]), DataType::String);
        assert_eq!(column(&["9223372036854775808"]), DataType::String);
        assert_eq!(column(&["-"]), DataType::String);
        assert_eq!(column(&["", ""]), DataType::Null);
    }

    #[test]
    fn kinds_that_meet_widen_to_numbers_or_text() {
        assert_eq!(Kind::Int.join(Kind::Float), Kind::Float);
        assert_eq!(Kind::Null.join(Kind::Flag), Kind::Flag);
        assert_eq!(Kind::Flag.join(Kind::Int), Kind::Text);
        assert_eq!(Kind::Text.join(Kind::Float), Kind::Text);
    }
}
