//! The ledger in a file: `SQLite` with a write-ahead log. Every transaction opens the file anew,
//! so that nothing is written to a file that was moved away, nothing is shared with a forked
//! process, and the database is one whole file when nobody works on it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags, OptionalExtension, params};

use super::book::Book;
use super::entry::Record;
use super::head::{self, Head};
use crate::data::Job;
use crate::{Error, Result};

/// What `SQLite` files of ours are marked with: "khrt".
const APPLICATION: i32 = 0x6b68_7274;
/// The version of the tables and of the entries.
const VERSION: i32 = 2;
/// How long to wait for another process.
const PATIENCE: Duration = Duration::from_secs(30);

const TABLES: &str = "
    CREATE TABLE secret (value BLOB NOT NULL) STRICT;
    CREATE TABLE entries (
        seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, facts TEXT NOT NULL,
        bulk BLOB NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL
    ) STRICT;
    CREATE TABLE sealed (
        seq INTEGER NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL,
        PRIMARY KEY (seq, part)
    ) STRICT;
";

/// A ledger's file.
pub(super) struct File {
    path: PathBuf,
    /// An entry that it must hold.
    pinned: Option<Head>,
    /// Off in tests that ask about something else than power cuts.
    durable: bool,
}

impl File {
    pub(super) fn new(path: PathBuf, pinned: Option<Head>) -> Self {
        let durable = !cfg!(test) || std::env::var_os("KOHORT_TEST_QUICK").is_none();
        Self {
            path,
            pinned,
            durable,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Locks, reads what others wrote, works, writes what is new, and returns only then.
    pub(super) fn transact<T>(
        &self,
        held: &mut Option<Book>,
        job: Option<&Job>,
        work: impl FnOnce(&mut Book) -> Result<T>,
    ) -> Result<T> {
        let db = self.connect(job)?;
        self.patiently(job, || db.execute_batch("BEGIN IMMEDIATE"))?;
        step("locked");
        self.set_up(&db, job)?;
        self.catch_up(&db, held)?;
        step("caught up");
        // Out of its place until all is written: after a failure it is read from the file again.
        let Some(mut book) = held.take() else {
            return Err(self.wrong("could not be read"));
        };
        let outcome = work(&mut book);
        step("checked");
        if book.log.is_empty() {
            drop(db);
            *held = Some(book);
            return outcome;
        }
        self.append(&db, &mut book)?;
        step("appended");
        db.execute_batch("COMMIT").map_err(|e| self.sql(&e))?;
        step("committed");
        head::write(&self.path, &book.head, self.durable)?;
        step("head kept");
        drop(db);
        *held = Some(book);
        step("closed");
        outcome
    }

    /// Reads the whole file anew: its entries, one by one.
    pub(super) fn records(&self, job: Option<&Job>) -> Result<Vec<Record>> {
        let db = self.connect(job)?;
        let all = self.patiently(job, || records(&db, 0))?;
        all.into_iter()
            .collect::<rusqlite::Result<_>>()
            .map_err(|e| self.sql(&e))
    }

    /// A part of what was sealed with an entry, if it is there.
    pub(super) fn part(&self, db: &Connection, seq: u64, part: usize) -> Result<Option<Vec<u8>>> {
        let find = || {
            let mut select = db.prepare("SELECT bytes FROM sealed WHERE seq = ? AND part = ?")?;
            let at = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            let found = select.query_row([at(seq), at(part as u64)], |row| row.get(0));
            found.optional()
        };
        self.patiently(None, find)
    }

    pub(super) fn connect(&self, job: Option<&Job>) -> Result<Connection> {
        if !self.path.exists() {
            self.create()?;
        } else if self.path.is_dir() {
            return Err(self.wrong("is a folder, expected a file"));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&self.path, flags).map_err(|e| self.sql(&e))?;
        if db.is_readonly(MAIN_DB).map_err(|e| self.sql(&e))? {
            return Err(self.wrong("cannot be written"));
        }
        db.busy_timeout(Duration::ZERO).map_err(|e| self.sql(&e))?;
        let number =
            |sql: &str| self.patiently(job, || db.query_row(sql, [], |row| row.get::<_, i64>(0)));
        // The tables first: whoever makes them sets the rest in the same transaction.
        let empty = number("SELECT count(*) FROM sqlite_schema")? == 0;
        let application = number("PRAGMA application_id")?;
        let version = number("PRAGMA user_version")?;
        if !empty && application != i64::from(APPLICATION) {
            return Err(self.wrong("is an SQLite database, but no ledger"));
        }
        if !empty && version != i64::from(VERSION) {
            return Err(self.wrong(format!(
                "is a ledger of version {version}, this kohort works with version {VERSION}"
            )));
        }
        let sync = if self.durable { "FULL" } else { "OFF" };
        self.patiently(job, || {
            db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            db.pragma_update(None, "synchronous", sync)
        })?;
        Ok(db)
    }

    /// An empty file that only its owner may read. It takes its name when it is there.
    fn create(&self) -> Result<()> {
        let draft = head::draft(&self.path);
        let made = head::private(&draft).and_then(|_| std::fs::hard_link(&draft, &self.path));
        drop(std::fs::remove_file(&draft));
        match made {
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(self.wrong(e)),
            _ => Ok(()),
        }
    }

    /// Makes the tables of a new ledger, unless they are there.
    fn set_up(&self, db: &Connection, job: Option<&Job>) -> Result<()> {
        let there = db.pragma_query_value(None, "application_id", |row| row.get::<_, i32>(0));
        if there.map_err(|e| self.sql(&e))? == APPLICATION {
            return Ok(());
        }
        if head::read(&self.path)?.is_some_and(|kept| kept.seq > 0) {
            return Err(self.wrong(
                "is empty, but the head beside it tells of entries: it was put back or lost",
            ));
        }
        let secret = super::secret().map_err(|e| self.wrong(e))?;
        let go = || -> rusqlite::Result<Book> {
            db.execute_batch(TABLES)?;
            db.execute("INSERT INTO secret VALUES (?)", params![secret])?;
            db.pragma_update(None, "application_id", APPLICATION)?;
            db.pragma_update(None, "user_version", VERSION)?;
            Ok(Book::with_secret(secret))
        };
        let book = go().map_err(|e| self.sql(&e))?;
        head::write(&self.path, &book.head, self.durable)?;
        db.execute_batch("COMMIT").map_err(|e| self.sql(&e))?;
        self.patiently(job, || db.execute_batch("BEGIN IMMEDIATE"))
    }

    /// Takes in what others wrote, and makes sure that it goes on from what is known.
    fn catch_up(&self, db: &Connection, held: &mut Option<Book>) -> Result<()> {
        let secret = db.query_row("SELECT value FROM secret", [], |row| {
            row.get::<_, [u8; 32]>(0)
        });
        let secret = secret.map_err(|e| self.sql(&e))?;
        let start = Head::start(&secret);
        let fresh = held.is_none();
        let mut book = match held.take() {
            Some(book) => {
                let known = book.head;
                let same = book.is_of(&secret);
                *held = Some(book);
                if !same {
                    return Err(self.wrong("was replaced by another ledger"));
                }
                self.goes_on_from(db, &start, &known, "this process")?;
                held.take().unwrap_or_else(|| Book::with_secret(secret))
            }
            None => Book::with_secret(secret),
        };
        let new = records(db, book.head.seq).map_err(|e| self.sql(&e))?;
        for record in new {
            let record = record.map_err(|e| self.sql(&e))?;
            if let Err(fault) = book.read(&record) {
                return Err(self.wrong(format!("entry {} {fault}", record.seq)));
            }
        }
        let pinned = self.pinned.filter(|_| fresh);
        if let Some(pinned) = pinned {
            self.goes_on_from(db, &start, &pinned, "`head`")?;
        }
        match head::read(&self.path)? {
            Some(kept) => self.goes_on_from(db, &start, &kept, "the head beside it")?,
            None if book.head.seq == 0 || pinned.is_some() => {
                head::write(&self.path, &book.head, self.durable)?;
            }
            None => {
                return Err(self.wrong(format!(
                    "has lost its head: {} belongs to it; without that, give the `head` that the \
                     newest certificate names",
                    head::beside(&self.path).display()
                )));
            }
        }
        *held = Some(book);
        Ok(())
    }

    /// Whether the chain in the file holds the entry that somebody knows as its head.
    fn goes_on_from(&self, db: &Connection, start: &Head, known: &Head, who: &str) -> Result<()> {
        let n = known.seq;
        let seq = i64::try_from(n).unwrap_or(i64::MAX);
        let find = "SELECT hash FROM entries WHERE seq = ?";
        let found = db.query_row(find, [seq], |row| row.get::<_, [u8; 32]>(0));
        let found = found.optional().map_err(|e| self.sql(&e))?;
        match found.or((n == 0).then_some(start.hash)) {
            Some(hash) if hash == known.hash => Ok(()),
            Some(_) => Err(self.wrong(format!(
                "forked: entry {n} is another one than {who} tells of; no group is released"
            ))),
            None => Err(self.wrong(format!(
                "was put back: {who} tells of entry {n}, which it does not hold; no group is released"
            ))),
        }
    }

    fn append(&self, db: &Connection, book: &mut Book) -> Result<()> {
        let go = || -> rusqlite::Result<()> {
            let mut insert = db.prepare("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)")?;
            for r in &book.log {
                let seq = i64::try_from(r.seq).unwrap_or(i64::MAX);
                insert.execute(params![seq, r.time, r.facts, r.bulk, r.previous, r.hash])?;
            }
            let mut insert = db.prepare("INSERT INTO sealed VALUES (?, ?, ?)")?;
            for (seq, parts) in &book.sealed {
                let seq = i64::try_from(*seq).unwrap_or(i64::MAX);
                for (part, bytes) in (0_i64..).zip(parts) {
                    insert.execute(params![seq, part, bytes])?;
                }
            }
            Ok(())
        };
        go().map_err(|e| self.sql(&e))?;
        book.log.clear();
        book.sealed.clear();
        Ok(())
    }

    /// Tries again while another process is at it, unless the caller asks to stop.
    fn patiently<T>(
        &self,
        job: Option<&Job>,
        mut go: impl FnMut() -> rusqlite::Result<T>,
    ) -> Result<T> {
        let start = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            match go() {
                Ok(done) => return Ok(done),
                Err(error) if !is_busy(&error) => return Err(self.sql(&error)),
                Err(_) if start.elapsed() > PATIENCE => {
                    let seconds = PATIENCE.as_secs();
                    return Err(self.wrong(format!("another process has held it for {seconds} s")));
                }
                Err(_) => {}
            }
            job.map_or(Ok(()), |job| job.advance(0))?;
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(16));
        }
    }

    fn sql(&self, error: &rusqlite::Error) -> Error {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => self.wrong("is no ledger: not an SQLite database"),
            Some(ErrorCode::ReadOnly) => self.wrong("cannot be written"),
            _ => self.wrong(error),
        }
    }

    pub(super) fn wrong(&self, problem: impl ToString) -> Error {
        Error::Ledger {
            path: self.path.display().to_string(),
            problem: problem.to_string(),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// Entries behind `seq`, in order.
fn records(db: &Connection, seq: u64) -> rusqlite::Result<Vec<rusqlite::Result<Record>>> {
    let mut select = db.prepare(
        "SELECT seq, time, facts, bulk, previous, hash FROM entries WHERE seq > ? ORDER BY seq",
    )?;
    let record = |row: &rusqlite::Row<'_>| {
        Ok(Record {
            seq: row.get::<_, i64>(0)?.unsigned_abs(),
            time: row.get(1)?,
            facts: row.get(2)?,
            bulk: row.get(3)?,
            previous: row.get(4)?,
            hash: row.get(5)?,
        })
    };
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    Ok(select.query_map([seq], record)?.collect())
}

/// A moment at which tests stop a process for good.
#[cfg(test)]
use super::crash::step;

#[cfg(not(test))]
fn step(_: &'static str) {}
