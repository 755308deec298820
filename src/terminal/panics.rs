//! Which panic may touch the terminal.
//!
//! A panic of the thread that holds the terminal ends the program: the terminal is given back first,
//! so that the report is readable. A panic anywhere else ends one task, whose feed then says that it
//! failed; its report would garble the screen, so it is kept for the runtime to fetch.

use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

use super::guard::{self, Holder};

/// Reports kept. A task that panics again and again must not fill the memory.
const KEPT: usize = 100;

static BACKGROUND: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Installs the hook, around the one that is there (color-eyre's).
pub fn install_panic_hook() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| match guard::holder() {
        Holder::AnotherThread => keep(one_line(info)),
        Holder::ThisThread => {
            guard::leave();
            report(info);
        }
        Holder::Nobody => report(info),
    }));
}

/// Reports of panics outside the thread that holds the terminal since the last call, oldest first,
/// one line each: `thread 'NAME' at FILE:LINE:COLUMN: MESSAGE`. May contain foreign text.
pub fn take_background_panics() -> Vec<String> {
    std::mem::take(&mut *BACKGROUND.lock().unwrap_or_else(PoisonError::into_inner))
}

fn keep(line: String) {
    let mut kept = BACKGROUND.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() < KEPT {
        kept.push(line);
    }
}

fn one_line(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("unnamed");
    let place = info
        .location()
        .map_or_else(|| "unknown place".to_owned(), ToString::to_string);
    format!("thread '{name}' at {place}: {message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_kept_once_and_not_without_end() {
        for number in 0..KEPT + 5 {
            keep(format!("report {number}"));
        }
        let taken = take_background_panics();
        assert_eq!(taken.len(), KEPT);
        assert_eq!(taken.first().map(String::as_str), Some("report 0"));
        assert!(take_background_panics().is_empty());
    }
}
