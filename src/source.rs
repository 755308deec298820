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
