//! The clients against real servers, which `tests/run` starts and names in the environment.
//!
//! Without them these tests fail: a test that skips itself proves nothing.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod forwarder;
mod init;
mod mail;
mod redmine;
#[expect(
    dead_code,
    reason = "the tests in a pseudo-terminal use all of it, this one a part"
)]
#[path = "../hermetic/session.rs"]
mod session;
mod team;
mod web;

/// An address or key that `tests/run` gives.
fn given(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: these tests need real servers, start them with `tests/run`")
    })
}
