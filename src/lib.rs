//! **vigie**, the look-out: hosts, containers, web services, mail queues, team and tickets of a
//! small server team in one terminal.
//!
//! Data flows one way, and no room imports one further down the stream:
//!
//! ```text
//!            ┌ proxmox ┐                                       ┌─ keys, mouse, paste, resize, signals
//!            ├ checkmk ┤                                       ▼
//!  servers ─►├ redmine ┤─► refresh ─► estate ─► Arc<Estate> ─► runtime: update(&mut App, Message) -> Effects
//!            ├ web     ┤   (a worker  (joins,   (immutable)       │ redraw?            │ effects
//!            ├ mail    ┤    each)     problems)     draw(&App) -> frame         refresh now, copy, open, suspend
//!            └ roster  ┘
//! ```
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`domain`] | the nouns, amounts with units, text made inert |
//! | [`config`] | what the user configured, with all errors at once |
//! | [`source`] | how a system is asked, and what its answers mean |
//! | [`refresh`] | when it is asked |
//! | [`estate`] | everything known now, joined across sources, with its age |
//! | [`history`] | what outlives the program: measured values over time, the last known state |
//! | [`app`] | what the user is doing: model, messages, updates, keys |
//! | [`ui`] | how that looks: a pure function of the model |
//! | [`terminal`] | the tty: enter, leave, input, output |
//! | [`demo`] | the embedded lab |
//! | [`cli`] | a file per command |
//! | [`runtime`] | the loop; the only room that sees all others |

pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod estate;
pub mod history;
pub mod refresh;
pub mod runtime;
pub mod source;
pub mod terminal;
pub mod ui;
