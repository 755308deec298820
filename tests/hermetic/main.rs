//! Tests that need nothing but this machine: no network beyond loopback, no server.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod completions;
mod doctor;
mod estate;
mod graphs;
mod history;
mod init;
mod lookout;
mod postfix;
mod proxmox;
mod pty;
mod reload;
mod rooms;
mod scenarios;
mod session;
mod setups;
mod status;
mod triage;
mod tty;
