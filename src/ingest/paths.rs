//! Paths, globs and folders to the sorted list of files they mean.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The files that `source` means, each once, sorted by path.
///
/// # Errors
/// [`Error::File`] with the entry as it was written when nothing matches it.
pub(super) fn resolve(source: &[String], endings: &[&str]) -> Result<Vec<PathBuf>> {
    if source.is_empty() {
        return Err(Error::parameter("source", "one path or more", "none"));
    }
    let mut files = BTreeMap::new();
    for entry in source {
        let path = Path::new(entry);
        let found = if path.is_file() {
            vec![path.to_path_buf()]
        } else if path.is_dir() {
            folder(path, endings)?
        } else {
            matches(entry)?
        };
        for file in found {
            // Two entries may name one file; reading it twice would double its events.
            let real = file.canonicalize().map_err(|e| failed(&file, e))?;
            files.entry(real).or_insert(file);
        }
    }
    let mut files: Vec<PathBuf> = files.into_values().collect();
    files.sort();
    Ok(files)
}

/// An error about a file, with what the system or a parser said.
pub(super) fn failed(path: &Path, problem: impl ToString) -> Error {
    Error::file(path.display(), problem)
}

fn folder(path: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().map_err(|e| failed(&folder, e))? {
            let entry = entry.map_err(|e| failed(&folder, e))?;
            let name = entry.file_name().to_string_lossy().to_lowercase();
            if name.starts_with(['.', '_']) {
                continue;
            }
            // Links to folders are not followed: they may lead back here.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            } else if endings.iter().any(|end| name.ends_with(end)) && entry.path().is_file() {
                files.push(entry.path());
            }
        }
    }
    if files.is_empty() {
        let endings = endings.join(", ");
        return Err(failed(
            path,
            format!("no file in this folder ends in {endings}"),
        ));
    }
    Ok(files)
}

fn matches(pattern: &str) -> Result<Vec<PathBuf>> {
    if !pattern.contains(['*', '?', '[']) {
        return Err(Error::file(pattern, "no such file or folder"));
    }
    let mut files = Vec::new();
    for found in glob::glob(pattern).map_err(|e| Error::file(pattern, e))? {
        let found = found.map_err(|e| Error::file(pattern, e))?;
        if found.is_file() {
            files.push(found);
        }
    }
    if files.is_empty() {
        return Err(Error::file(pattern, "no file matches this pattern"));
    }
    Ok(files)
}
