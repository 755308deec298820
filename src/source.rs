//! How a system is asked, and what its answers mean in the words of [`crate::domain`].
//!
//! One module a system, each with its calls, `wire` (what the server really sends, by version) and
//! `read` (wire to domain). No system knows of another; all go through [`http`] or [`command`].

pub mod checkmk;
pub mod command;
pub mod http;
pub mod mail;
pub mod proxmox;
pub mod redmine;
pub mod roster;
pub mod secret;
pub mod tunnel;
pub mod web;

use std::sync::Arc;

use tokio::sync::Notify;

use crate::domain::observation::Traffic;
use crate::domain::{Batch, Failure, Reading};

/// What a reading gave, and what it cost.
#[derive(Debug)]
pub struct Answered {
    /// What was read, or why not.
    pub outcome: Result<Batch, Failure>,
    /// What it cost.
    pub traffic: Traffic,
}

/// A client of one configured system. Each system implements it in its own module; `read` may be called
/// for different readings at the same time, never twice for the same one.
pub trait Client: Send + Sync {
    /// Reads one thing. Never panics on foreign input; always ends by its own deadlines.
    fn read(&self, reading: Reading) -> impl Future<Output = Answered> + Send;

    /// Somebody wants to know now: the next [`Client::read`] answers with nothing that it kept. For clients
    /// that do not ask for everything at every reading.
    fn hurry(&self) {}

    /// What wakes the worker of a reading before its time; the client rings it when one reading makes another due.
    fn bell(&self, _: Reading) -> Arc<Notify> {
        Arc::default()
    }
}
