//! Keys from a file.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::refreshing::{Fetched, Why};

/// The largest key file, in bytes.
const MAX_SIZE: u64 = 1024 * 1024;

/// A JWK Set in a file, read again as one from a URL is fetched again.
pub(super) struct KeyFile {
    path: PathBuf,
    name: String,
}

impl KeyFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            name: path.display().to_string(),
            path,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        read(&self.path)
    }

    /// Whatever for: there is no other place.
    pub(super) async fn fetch(&self, _: Why) -> Result<Fetched, String> {
        let path = self.path.clone();
        let read = tokio::task::spawn_blocking(move || read(&path)).await;
        let document = read.map_err(io::Error::from).flatten();
        Ok(Fetched {
            document: document.map_err(|error| error.to_string())?,
            max_age: None,
        })
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut document = Vec::new();
    let mut file = File::open(path)?.take(MAX_SIZE + 1);
    file.read_to_end(&mut document)?;
    if document.len() as u64 > MAX_SIZE {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is too large",
        ));
    }
    Ok(document)
}
