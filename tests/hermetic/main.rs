//! Tests that need nothing but this machine: no network beyond loopback, no server.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod completions;
mod estate;
mod rooms;
mod session;
mod status;
mod tty;
// The whole program in a terminal. To be declared when `vigie demo` runs:
// mod pty;
