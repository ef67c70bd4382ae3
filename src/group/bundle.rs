//! What is sealed, as bytes in parts: a head, which says what there is and what stands behind
//! it, and one part for each table, so that a question reads no other than its own.

use std::io::Cursor;

use polars::prelude::{IpcReader, IpcWriter, SerReader, SerWriter};
use serde::{Deserialize, Serialize};

use super::planner::Part;
use super::{Certificate, Released, release};
use crate::Result;

/// How hard bytes are pressed: more makes them little smaller.
const LEVEL: i32 = 3;

/// The first part.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) certificates: Vec<Certificate>,
    /// The groups that it is about.
    pub(super) places: Vec<Place>,
    /// Its tables, one for each further part.
    answers: Vec<Answer>,
}

/// A group as it stood when the seal was set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) label: String,
    /// What it is called among the groups of its course.
    pub(super) name: String,
    pub(super) part: Part,
    /// Whether tables have rows of it.
    pub(super) row: bool,
    /// Whether it is registered, or the pool.
    pub(super) registered: bool,
    /// Which of the places answers for it.
    pub(super) used: Option<usize>,
    /// What stands behind its rows, where they are shown.
    pub(super) certificate: Option<usize>,
    /// Whether its roster covered too few; rows that are shown are of an earlier period then.
    pub(super) low: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Answer {
    question: String,
    certificates: Vec<usize>,
}

/// A table that is to be sealed, as bytes.
pub(super) struct Sealable {
    question: String,
    certificates: Vec<Certificate>,
    bytes: Vec<u8>,
}

impl Sealable {
    pub(super) fn new(question: String, answer: Released) -> Result<Self> {
        Ok(Self {
            bytes: press(&table(&answer)?)?,
            certificates: answer.certificates().to_vec(),
            question,
        })
    }
}

impl Head {
    /// A head of these groups, and of the certificates behind them.
    pub(super) fn new(places: Vec<Place>, certificates: Vec<Certificate>) -> Self {
        Self {
            certificates,
            places,
            answers: Vec::new(),
        }
    }

    /// The place of the groups that tables have rows of, by label.
    pub(super) fn place(&self, label: &str) -> Option<&Place> {
        self.places
            .iter()
            .find(|place| place.row && place.label == label)
    }

    /// What stands behind a group that is shown.
    pub(super) fn behind(&self, place: &Place) -> Option<&Certificate> {
        place.certificate.and_then(|at| self.certificates.get(at))
    }

    /// All parts, in the order in which they are numbered.
    pub(super) fn pack(mut self, answers: Vec<Sealable>) -> Result<Vec<Vec<u8>>> {
        let mut parts = vec![Vec::new()];
        for answer in answers {
            let mut at = Vec::new();
            for certificate in answer.certificates {
                let known = self.certificates.iter().position(|c| *c == certificate);
                at.push(known.unwrap_or_else(|| {
                    self.certificates.push(certificate);
                    self.certificates.len() - 1
                }));
            }
            self.answers.push(Answer {
                question: answer.question,
                certificates: at,
            });
            parts.push(answer.bytes);
        }
        let head = serde_json::to_vec(&self).unwrap_or_default();
        if let Some(first) = parts.first_mut() {
            *first = press(&head)?;
        }
        Ok(parts)
    }

    /// A head from its part.
    pub(super) fn read(part: &[u8]) -> Option<Self> {
        serde_json::from_slice(&zstd::decode_all(part).ok()?).ok()
    }

    /// The part that answers a question.
    pub(super) fn part_of(&self, question: &str) -> Option<usize> {
        let same = |answer: &Answer| answer.question == question;
        self.answers.iter().position(same).map(|at| at + 1)
    }

    /// A table from its part.
    pub(super) fn table(&self, part: usize, bytes: &[u8]) -> Option<Released> {
        let answer = self.answers.get(part.checked_sub(1)?)?;
        let behind = answer.certificates.iter();
        let behind = behind.filter_map(|at| self.certificates.get(*at));
        let table = zstd::decode_all(bytes).ok()?;
        let frame = IpcReader::new(Cursor::new(table)).finish().ok()?;
        Some(release::reread(frame, behind.cloned().collect()))
    }
}

/// A table as Arrow IPC.
fn table(answer: &Released) -> Result<Vec<u8>> {
    let mut frame = answer.frame().clone();
    frame.rechunk_mut();
    let mut bytes = Vec::new();
    IpcWriter::new(&mut bytes).finish(&mut frame)?;
    Ok(bytes)
}

fn press(bytes: &[u8]) -> Result<Vec<u8>> {
    zstd::encode_all(bytes, LEVEL).map_err(|error| crate::Error::file("sealed bytes", error))
}

/// A table and the certificates behind it, byte by byte.
#[cfg(test)]
pub(super) fn encode(answer: &Released) -> Result<Vec<u8>> {
    let behind = answer.certificates().iter().map(Certificate::to_json);
    let mut bytes = behind.collect::<String>().into_bytes();
    bytes.extend(table(answer)?);
    Ok(bytes)
}
