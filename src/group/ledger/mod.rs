//! The ledger: the record of what was released, that the gate holds every release against.
//!
//! Its entries form a chain and are the only truth; a [`Book`] is what they add up to. In memory
//! it lives as long as the process; on disk it is shared by every process that opens the file,
//! and what a release adds is written there before any value of it is returned.

mod agreed;
mod audit;
mod book;
mod entry;
mod file;
mod grids;
mod head;
mod learners;
mod links;
mod members;
mod names;
mod seals;

#[cfg(test)]
mod cost;
#[cfg(test)]
pub(super) mod crash;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use book::Book;
pub(super) use book::{Key, Proof};
pub(crate) use entry::Spent;
pub(super) use entry::{Asked, Name, now};
use file::File;
pub(super) use learners::{Persons, Slot};
pub(super) use seals::Seal;

use crate::data::Job;
use crate::{Error, Result};

/// The record of what was released. Clones share one record.
///
/// Reference groups made under one ledger are safe beside each other. [`Ledger::open`] keeps
/// it in a file, for everything that releases more than once: learners are the same persons in
/// every process and after every re-reading of the data, any number of processes may release
/// at once, and what was released is on disk before a value is returned.
///
/// The file knows learners as keyed hashes only, but holds the key as well, so it is
/// pseudonymized and not anonymous: only its owner may read it.
///
/// ```
/// use kohort::group::Ledger;
/// let ledger = Ledger::in_memory();
/// assert!(ledger.head()?.starts_with("0:"));
/// # Ok::<(), kohort::Error>(())
/// ```
#[derive(Clone)]
pub struct Ledger(Arc<Shared>);

struct Shared {
    /// Where it is kept; `None`: in memory only.
    file: Option<File>,
    /// `None` until the file was read or something is asked of it.
    book: Mutex<Option<Book>>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger")
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self::in_memory()
    }
}

impl Ledger {
    /// A ledger that lives as long as the process.
    #[must_use]
    pub fn in_memory() -> Self {
        Self(Arc::new(Shared {
            file: None,
            book: Mutex::new(None),
        }))
    }

    /// The ledger in a file, which is made if there is none. Its head is kept beside it, in
    /// `<path>.head`: the two belong together.
    ///
    /// With `head`, the head of the ledger as a certificate names it, the file must hold that
    /// entry: whoever puts an older copy of both files in their place is found out.
    ///
    /// # Errors
    /// [`crate::Error::Ledger`] if the file is no ledger, of another version, cannot be
    /// written, was edited or put back, or another process holds it for too long.
    pub fn open(path: impl AsRef<Path>, head: Option<&str>) -> Result<Self> {
        Self::open_with(path.as_ref(), head, None)
    }

    /// As [`Self::open`], watched by a job: it stops waiting for another process when asked to.
    ///
    /// # Errors
    /// As [`Self::open`]; [`crate::Error::Cancelled`].
    pub fn open_watched(path: impl AsRef<Path>, head: Option<&str>, job: &Job) -> Result<Self> {
        Self::open_with(path.as_ref(), head, Some(job))
    }

    fn open_with(path: &Path, head: Option<&str>, job: Option<&Job>) -> Result<Self> {
        let pinned = head.map(str::parse).transpose()?;
        let made = Self(Arc::new(Shared {
            file: Some(File::new(path.to_owned(), pinned)),
            book: Mutex::new(None),
        }));
        made.transact(job, |_| Ok(()))?;
        Ok(made)
    }

    /// Where it is kept; `None` if in memory only.
    pub fn path(&self) -> Option<&Path> {
        self.0.file.as_ref().map(File::path)
    }

    /// How many entries it has and the hash of the last one, as `number:hash`.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn head(&self) -> Result<String> {
        self.transact(None, |book| Ok(book.head.to_string()))
    }

    /// One transaction: what others wrote is read first, what `work` writes is on disk before
    /// this returns, whether `work` ends well or not.
    ///
    /// # Errors
    /// That of `work`; [`crate::Error::Ledger`], and then nothing may be shown.
    pub(crate) fn transact<T>(
        &self,
        job: Option<&Job>,
        work: impl FnOnce(&mut Book) -> Result<T>,
    ) -> Result<T> {
        let mut book = self.lock();
        if let Some(file) = &self.0.file {
            return file.transact(&mut book, job, work);
        }
        let made = match book.take() {
            Some(made) => made,
            None => Book::with_secret(secret().map_err(|e| Error::Ledger {
                path: "in memory".to_string(),
                problem: e.to_string(),
            })?),
        };
        work(book.insert(made))
    }

    /// An empty record in memory whose choices can be repeated.
    #[cfg(test)]
    pub(super) fn with_secret(secret: [u8; 32]) -> Self {
        let book = Mutex::new(Some(Book::with_secret(secret)));
        Self(Arc::new(Shared { file: None, book }))
    }

    /// The record as it stands, for a look at it.
    #[cfg(test)]
    pub(super) fn look<T>(&self, at: impl FnOnce(&Book) -> T) -> T {
        self.transact(None, |book| Ok(at(book))).unwrap()
    }

    /// What is wrong with it.
    pub(super) fn wrong(&self, problem: impl ToString) -> Error {
        match &self.0.file {
            Some(file) => file.wrong(problem),
            None => Error::Ledger {
                path: "in memory".to_string(),
                problem: problem.to_string(),
            },
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Book>> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 256 bits of the operating system's randomness.
///
/// # Errors
/// Where the system has none to give: a ledger whose tokens could be guessed is none.
fn secret() -> std::io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(std::io::Error::from)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ() {
        assert_ne!(secret().unwrap(), secret().unwrap());
    }
}
