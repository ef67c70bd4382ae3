//! The head of the chain: the number and the hash of its last entry. Whoever has kept one can
//! tell a ledger that went on from one that was put back.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::{Error, Result};

/// Where a chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Entries so far.
    pub(super) seq: u64,
    /// Hash of the last one.
    pub(super) hash: [u8; 32],
}

impl Head {
    /// The head of an empty ledger with this secret.
    pub(super) fn start(secret: &[u8; 32]) -> Self {
        Self {
            seq: 0,
            hash: blake3::derive_key("kohort ledger 1 start of the chain", secret),
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, blake3::Hash::from_bytes(self.hash))
    }
}

impl FromStr for Head {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parse = || -> Option<Self> {
            let (seq, hash) = text.trim().split_once(':')?;
            Some(Self {
                seq: seq.parse().ok()?,
                hash: *blake3::Hash::from_hex(hash).ok()?.as_bytes(),
            })
        };
        let expected = "the `head` of a ledger, as a certificate names it (number:hash)";
        parse().ok_or_else(|| Error::parameter("head", expected, format!("{text:?}")))
    }
}

/// Where the head of the ledger at `path` is kept: beside it.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".head");
    PathBuf::from(name)
}

/// The head kept beside a ledger; `None` where there is no such file.
///
/// # Errors
/// [`Error::File`] if it cannot be read or understood.
pub(super) fn read(path: &Path) -> Result<Option<Head>> {
    let at = beside(path);
    match fs::read_to_string(&at) {
        Ok(text) => text.parse().map(Some).map_err(|_| {
            Error::file(
                at.display(),
                "does not hold the head of a ledger (number:hash)",
            )
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file(at.display(), error)),
    }
}

/// Keeps the head beside a ledger: all of it or nothing, and on disk when this returns.
///
/// # Errors
/// [`Error::File`] if it cannot be written.
pub(super) fn write(path: &Path, head: &Head, durable: bool) -> Result<()> {
    let at = beside(path);
    let draft = draft(&at);
    let go = || -> std::io::Result<()> {
        let mut file = private(&draft)?;
        writeln!(file, "{head}")?;
        if durable {
            file.sync_all()?;
        }
        fs::rename(&draft, &at)?;
        if durable {
            sync_folder(&at);
        }
        Ok(())
    };
    go().map_err(|error| {
        drop(fs::remove_file(&draft));
        Error::file(at.display(), error)
    })
}

/// A name of our own beside `at`.
pub(super) fn draft(at: &Path) -> PathBuf {
    use std::sync::atomic::{AtomicU64, Ordering};
    static DRAFTS: AtomicU64 = AtomicU64::new(0);
    let mut name = at.as_os_str().to_owned();
    let n = DRAFTS.fetch_add(1, Ordering::Relaxed);
    name.push(format!(".{}-{n}", std::process::id()));
    PathBuf::from(name)
}

/// A new file that only its owner may read.
pub(super) fn private(at: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(at)
}

/// Puts the names in the folder of `at` on disk, where the system can.
fn sync_folder(at: &Path) {
    let folder = at.parent().filter(|f| !f.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        drop(folder.sync_all());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_shown() {
        let head = Head {
            seq: 12,
            hash: [7; 32],
        };
        assert_eq!(head.to_string().parse::<Head>().unwrap(), head);
        for bad in ["", "12", "12:", "x:07", &head.to_string()[..20]] {
            assert!(bad.parse::<Head>().is_err(), "{bad}");
        }
    }
}
