//! Web applications, as a browser, an attacker and a second server meet them: see the tests.
