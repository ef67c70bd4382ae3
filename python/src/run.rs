//! Long work beside the Python lock: it can be watched, and it can be stopped.
//!
//! The job runs on a worker. The calling thread wakes every 50 ms, lets Python
//! deliver Ctrl-C, and tells the progress callback how far the job is.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use kohort::data::Job;
use pyo3::prelude::*;

use crate::errors::{panicked, to_py};

const TICK: Duration = Duration::from_millis(50);

/// Runs `work` on a worker thread, with the Python lock released.
///
/// # Errors
/// What `work` returns; what the callback or a signal handler raises, once `work`
/// has stopped; `InternalError` if `work` panics.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    progress: Option<&Py<PyAny>>,
    work: impl FnOnce(Arc<Job>) -> kohort::Result<T> + Send,
) -> PyResult<T> {
    let job = Arc::new(Job::default());
    py.detach(|| {
        std::thread::scope(|scope| {
            let (done, finished) = sync_channel(1);
            let its = Arc::clone(&job);
            let worker = scope.spawn(move || {
                let result = catch_unwind(AssertUnwindSafe(|| work(its)));
                let _ = done.send(()); // the other end outlives this thread
                result.unwrap_or_else(|payload| resume_unwind(payload))
            });
            let mut interrupted = Ok(());
            while interrupted.is_ok()
                && finished.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout)
            {
                interrupted = Python::attach(|py| tick(py, progress, &job));
            }
            if interrupted.is_err() {
                job.cancel();
            }
            let result = worker.join();
            interrupted?;
            match result {
                Ok(result) => result.map_err(|e| to_py(&e)),
                Err(payload) => Err(panicked(&*payload)),
            }
        })
    })
}

fn tick(py: Python<'_>, progress: Option<&Py<PyAny>>, job: &Job) -> PyResult<()> {
    py.check_signals()?;
    if let Some(callback) = progress {
        callback.call1(py, job.progress())?;
    }
    Ok(())
}
