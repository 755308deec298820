//! Leaving in the middle: the terminal shows again what is typed, and no file has changed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{SIGNAL, complain};

/// How the terminal was before a secret was asked for.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// What leaving means now. Held while files are written, so that leaving waits for the end of that.
static SAID: Mutex<&str> = Mutex::new("left; nothing was written");

fn locked<T>(mutex: &'static Mutex<T>) -> MutexGuard<'static, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The terminal does not show what is typed while this lives.
#[derive(Debug)]
pub struct Quiet(());

impl Quiet {
    /// Fails when the terminal is gone.
    pub fn begin() -> std::io::Result<Self> {
        let before = tcgetattr(std::io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        let mut kept = locked(&BEFORE);
        // What is typed already is not thrown away: a paste may be on its way.
        tcsetattr(std::io::stdin(), OptionalActions::Drain, &quiet)?;
        kept.get_or_insert(before);
        Ok(Self(()))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        show_again();
    }
}

fn show_again() {
    if let Some(before) = locked(&BEFORE).take() {
        // The terminal may be gone; then there is nothing to show.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
    }
}

/// Ends the program in good order on Ctrl-C and its kin, whatever is being asked or tried. Needs a runtime.
pub fn watch() -> std::io::Result<()> {
    for (kind, number) in [
        (SignalKind::interrupt(), 2),
        (SignalKind::quit(), 3),
        (SignalKind::terminate(), 15),
        (SignalKind::hangup(), 1),
    ] {
        let mut told = signal(kind)?;
        tokio::spawn(async move {
            told.recv().await;
            show_again();
            let said = locked(&SAID);
            complain_below(&said);
            std::process::exit(i32::from(SIGNAL + number));
        });
    }
    Ok(())
}

/// Says it below the question that stands there.
pub fn complain_below(said: &str) {
    crate::cli::print("\n");
    complain(said);
}

/// Does what must not be left in the middle. `after` is what leaving means from then on.
pub fn undisturbed<T, E>(after: &'static str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let mut said = locked(&SAID);
    let done = work()?;
    *said = after;
    Ok(done)
}
