//! Words for what was just done.

use crate::app::{Action, App, Notice};
use crate::ui::words;

use super::{Look, keys};

/// What was just done, or could not be, in one line.
pub(super) fn words(app: &App, look: &Look, notice: &Notice) -> String {
    match notice {
        Notice::Sent(text) => format!("sent to the terminal's clipboard: {text}"),
        Notice::TooLong => "too long for the terminal's clipboard".to_owned(),
        Notice::Contact(name, kind) => {
            format!("{kind} of {name} sent to the terminal's clipboard")
        }
        Notice::NoContact => "nobody to call about this row, or no way known".to_owned(),
        Notice::ContactsMasked => match keys::first(app, look, Action::Privacy) {
            Some(key) => format!("contacts are masked; {key} shows them"),
            None => "contacts are masked".to_owned(),
        },
        Notice::Link(link) => link.clone(),
        Notice::NoLink => "this row has no link".to_owned(),
        Notice::Asking(0) => "nothing to ask: no source for this tab".to_owned(),
        Notice::Asking(n) => format!("asking {}", words::count(*n as u64, "source")),
        Notice::NowhereToGo => "this row leads nowhere else".to_owned(),
        Notice::FilterLifted => "filter lifted: it hid this row".to_owned(),
        Notice::NotKept(failure) => {
            format!(
                "read marks cannot be kept: {}",
                words::failure_short(failure)
            )
        }
        Notice::Privacy(true) => "private things are masked".to_owned(),
        Notice::Privacy(false) => "private things are shown".to_owned(),
        Notice::Mouse(true) => "the mouse acts here".to_owned(),
        Notice::Mouse(false) => match keys::first(app, look, Action::Mouse) {
            Some(key) => format!("the mouse selects text; {key} gives it back"),
            None => "the mouse selects text".to_owned(),
        },
        Notice::Span(span) => format!("graphs of the last {}", span.name()),
        Notice::NothingEarlier => "nobody watched before that, as far as is known".to_owned(),
        Notice::NothingLater => "this is now; nothing is later".to_owned(),
        Notice::Now => "back to now".to_owned(),
        Notice::OnlyNow => "only where now is shown and moves".to_owned(),
        Notice::Apart(subject) => match keys::first(app, look, Action::Apart) {
            Some(key) => format!("{subject} stands for itself; {key} puts it back"),
            None => format!("{subject} stands for itself"),
        },
        Notice::Together(subject) => format!("{subject} is folded again where it belongs"),
        Notice::NotFolded => "this row hangs on no cause".to_owned(),
        Notice::Reloaded(None) => {
            "the configuration was read again; the sources are the same".to_owned()
        }
        Notice::Reloaded(Some(n)) => format!(
            "the configuration was read again: {}",
            words::count(*n as u64, "source")
        ),
        Notice::NotReloaded(why) => format!("the last good configuration stays: {why}"),
        Notice::Reasons(true) => "the details tell why things belong together".to_owned(),
        Notice::Reasons(false) => "the details no longer tell why".to_owned(),
        Notice::Marked(n) => format!("{} marked", words::count(*n as u64, "row")),
    }
}
