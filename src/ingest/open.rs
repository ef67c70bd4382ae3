//! Text files opened: unpacked where gzipped or zstd-compressed, the byte order mark gone, foreign
//! encodings refused.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::paths::failed;
use crate::error::Result;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// How much of a file is read at once.
pub(super) const BUFFER: usize = 1 << 18;
/// The longest row or line that is read.
pub(super) const MAX_ROW: usize = 16 << 20;
/// The most columns that are read.
pub(super) const MAX_COLUMNS: usize = 10_000;

/// The text of a file from its first character on.
///
/// # Errors
/// [`crate::Error::File`] if it cannot be opened, is empty, or is UTF-16 or UTF-32.
pub(super) fn text(path: &Path) -> Result<Box<dyn Read + Send>> {
    let file = File::open(path).map_err(|e| failed(path, e))?;
    unpacked(path, file)
}

/// The same of a file that is open already.
///
/// # Errors
/// As [`text`].
pub(super) fn unpacked(
    path: &Path,
    file: impl Read + Send + 'static,
) -> Result<Box<dyn Read + Send>> {
    let (head, raw) = peek(path, file)?;
    let packed = BufReader::with_capacity(BUFFER, raw);
    let (head, plain) = if head.starts_with(GZIP) {
        peek(path, MultiGzDecoder::new(packed))?
    } else if head.starts_with(ZSTD) {
        let plain = zstd::stream::read::Decoder::with_buffer(packed);
        peek(path, plain.map_err(|e| failed(path, e))?)?
    } else {
        return checked(path, head, Box::new(packed));
    };
    checked(path, head, plain)
}

fn peek(
    path: &Path,
    mut from: impl Read + Send + 'static,
) -> Result<([u8; 4], Box<dyn Read + Send>)> {
    let mut read = Vec::with_capacity(4);
    let taken = from.by_ref().take(4).read_to_end(&mut read);
    let n = taken.map_err(|e| failed(path, e))?;
    // A space stands for what a file shorter than four bytes does not have.
    let mut head = [b' '; 4];
    head.iter_mut()
        .zip(&read)
        .for_each(|(to, byte)| *to = *byte);
    if n == 0 {
        return Err(failed(path, "the file is empty"));
    }
    Ok((head, Box::new(Cursor::new(read).chain(from))))
}

fn checked(
    path: &Path,
    head: [u8; 4],
    mut text: Box<dyn Read + Send>,
) -> Result<Box<dyn Read + Send>> {
    let marked = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    if marked || head.contains(&0) {
        return Err(failed(
            path,
            "expected UTF-8 text, got UTF-16 or UTF-32; save the file as UTF-8",
        ));
    }
    if head.starts_with(UTF8_MARK) {
        let mut mark = [0; 3];
        text.read_exact(&mut mark).map_err(|e| failed(path, e))?;
    }
    Ok(text)
}
