//! The table of each tab.

pub mod containers;
pub mod feed;
pub mod hosts;
pub mod mail;
pub mod team;
pub mod tickets;
pub mod timeline;
pub mod triage;
pub mod unmatched;
pub mod web;

use super::column::Table;
use super::tab::Tab;

/// The table of a tab.
pub const fn of(tab: Tab) -> &'static Table {
    match tab {
        Tab::Triage => &triage::TABLE,
        Tab::Hosts => &hosts::TABLE,
        Tab::Containers => &containers::TABLE,
        Tab::Web => &web::TABLE,
        Tab::Mail => &mail::TABLE,
        Tab::Team => &team::TABLE,
        Tab::Tickets => &tickets::TABLE,
        Tab::Timeline => &timeline::TABLE,
        Tab::Unmatched => &unmatched::TABLE,
    }
}
