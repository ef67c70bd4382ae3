//! Long work that can be watched and stopped from another thread.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::{Error, Result};

/// Shared with long work: it counts what is done and asks whether to go on.
#[derive(Debug, Default)]
pub struct Job {
    cancelled: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
}

impl Job {
    /// Asks the work to stop at the next chunk; it then returns [`Error::Cancelled`].
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// How many events of how many are done; `(0, 0)` before the work knows.
    pub fn progress(&self) -> (u64, u64) {
        (
            self.done.load(Ordering::Relaxed),
            self.total.load(Ordering::Relaxed),
        )
    }

    /// Announces more work.
    pub(crate) fn expect(&self, amount: usize) {
        self.total.fetch_add(amount as u64, Ordering::Relaxed);
    }

    /// Counts finished work, and asks whether to go on.
    ///
    /// # Errors
    /// [`Error::Cancelled`] once the caller has asked to stop.
    pub fn advance(&self, amount: usize) -> Result<()> {
        self.done.fetch_add(amount as u64, Ordering::Relaxed);
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(Error::Cancelled);
        }
        Ok(())
    }
}
