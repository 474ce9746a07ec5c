//! Lock files: any text is read or refused, what is read is written as it was, and two can be
//! compared.
#![no_main]

use auth_runtime::review::AccessLock;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let (before, after) = data.split_once('\0').unwrap_or((data, ""));
    let Ok(lock) = AccessLock::parse(before) else {
        return;
    };
    let written = lock.to_string();
    let again = AccessLock::parse(&written).expect("what is written can be read");
    assert_eq!(again, lock, "{written}");
    assert_eq!(again.to_string(), written);
    assert!(lock.diff(&again).is_empty());
    if let Ok(other) = AccessLock::parse(after) {
        let diff = lock.diff(&other);
        assert_eq!(diff.is_empty(), lock == other, "{diff}");
        assert_eq!(other.diff(&lock).changes().len(), diff.changes().len());
    }
});
