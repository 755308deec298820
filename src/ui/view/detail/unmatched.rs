//! Something that belongs to nothing: what it lacks, and what would help.

use crate::app::App;
use crate::domain::Key;
use crate::estate::{Estate, Lack};
use crate::ui::words;

use super::sheet::Sheet;
use super::ties::Ties;

/// What it is called.
pub fn title(estate: &Estate, index: usize) -> Option<String> {
    let row = estate.unmatched.get(index)?;
    Some(match (&row.lack, &row.key) {
        (Lack::JoinLeadsNowhere(thing, host), _) => format!("{thing} = {host}"),
        (_, Key::Guest(_, vmid)) => {
            let guest = estate
                .guest_row(&row.key)
                .and_then(|row| estate.guest(row.place));
            guest.map_or_else(
                || vmid.to_string(),
                |guest| format!("{}/{vmid} {}", guest.node, guest.label()),
            )
        }
        (_, Key::Host(_, name) | Key::Web(name) | Key::Queue(_, name)) => name.to_string(),
        _ => return None,
    })
}

/// Writes all of it.
pub fn write(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let Some(row) = app.estate.unmatched.get(index) else {
        return;
    };
    sheet.words(&[sheet.text(format!("lacks: {}", words::lack(&row.lack)))]);
    sheet.gap();
    let help: &str = match &row.lack {
        Lack::GuestUnmonitored => {
            "It is joined by name, alias or address. When the monitor calls it otherwise, say so in the configuration:"
        }
        Lack::HostUnknown => {
            "When it is a guest or a node under another name, say so in the configuration:"
        }
        Lack::SiteUnowned | Lack::ServiceUnowned => {
            "Whoever is to be called for it says so in the roster; the owner of what it runs on counts, too."
        }
        Lack::JoinLeadsNowhere(..) => {
            "The left side is a node or NODE/VMID, the right side a host as Checkmk calls it. One of them is not there."
        }
    };
    sheet.words(&[sheet.dim(help)]);
    if matches!(row.lack, Lack::GuestUnmonitored | Lack::HostUnknown) {
        sheet.words(&[sheet.dim("[joins]")]);
        let line = match (&row.lack, title(&app.estate, index)) {
            (Lack::GuestUnmonitored, Some(title)) => {
                let place = title.split(' ').next().unwrap_or_default().to_owned();
                format!("\"{place}\" = \"its host in Checkmk\"")
            }
            (_, Some(title)) => format!("\"NODE/VMID\" = \"{title}\""),
            _ => String::new(),
        };
        sheet.words(&[sheet.dim(line)]);
    }
    Ties::of(&app.estate, &row.key).write(sheet, app);
}
