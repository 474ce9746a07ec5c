//! Keys from a file.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use super::refreshing::{Fetch, Fetched, Why};

/// A JWK Set in a file, read again as one from a URL is fetched again.
pub(super) struct KeyFile {
    path: PathBuf,
    name: String,
    max_size: u64,
}

impl KeyFile {
    pub(super) fn new(path: PathBuf, max_size: usize) -> Self {
        Self {
            name: path.display().to_string(),
            path,
            max_size: u64::try_from(max_size).unwrap_or(u64::MAX),
        }
    }
}

impl Fetch for KeyFile {
    fn fetch(&self, _: Why) -> Result<Fetched, String> {
        let mut document = Vec::new();
        let file = File::open(&self.path).map_err(|error| error.to_string())?;
        file.take(self.max_size.saturating_add(1))
            .read_to_end(&mut document)
            .map_err(|error| error.to_string())?;
        if document.len() as u64 > self.max_size {
            return Err("it is too large".into());
        }
        Ok(Fetched {
            document,
            max_age: None,
        })
    }

    fn place(&self) -> &str {
        &self.name
    }
}
