//! Signals of the process, and being suspended.
//!
//! Changes of the window's size come with the inputs, [`super::input`].

use std::io;

use nix::unistd::{getpgrp, getppid, getsid};
use rustix::process::kill_current_process_group;
use tokio::signal::unix::{self, SignalKind};

use super::guard::Guard;
use super::output::Broken;

/// What the process is told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP: the connection is lost or the window closed, unless the terminal is still there
    /// ([`super::output::is_gone`]); then somebody wants the configuration to be read again.
    Hangup,
    /// End (SIGTERM, SIGQUIT).
    Terminate,
    /// End (SIGINT; Ctrl-C is a key while the terminal is ours).
    Interrupt,
    /// Be suspended (SIGTSTP; Ctrl-Z is a key while the terminal is ours).
    Suspend,
    /// Goes on after having been stopped (SIGCONT), by [`suspend`] or from outside:
    /// [`Guard::reassert`] and repaint.
    Continue,
}

/// The stream of signals. From its first opening on, none of them has its ordinary effect any more,
/// even after it is dropped.
#[derive(Debug)]
pub struct Signals {
    hangup: unix::Signal,
    terminate: unix::Signal,
    quit: unix::Signal,
    interrupt: unix::Signal,
    suspend: unix::Signal,
    go_on: unix::Signal,
}

impl Signals {
    /// Begins to catch. Needs a tokio runtime with I/O.
    ///
    /// # Errors
    /// The system refuses a handler.
    pub fn open() -> io::Result<Self> {
        let catch = |number| unix::signal(SignalKind::from_raw(number));
        Ok(Self {
            hangup: unix::signal(SignalKind::hangup())?,
            terminate: unix::signal(SignalKind::terminate())?,
            quit: unix::signal(SignalKind::quit())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            suspend: catch(rustix::process::Signal::TSTP.as_raw())?,
            go_on: catch(rustix::process::Signal::CONT.as_raw())?,
        })
    }

    /// The next signal; of several waiting ones, the one that ends the program first.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.hangup.recv() => Signal::Hangup,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.quit.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.suspend.recv() => Signal::Suspend,
            _ = self.go_on.recv() => Signal::Continue,
        }
    }
}

/// How being suspended went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspension {
    /// Stopped and continued: the terminal is ours again. Repaint with the new size; ages have grown.
    Continued,
    /// Not stopped: no shell with job control is there to continue us (`ssh -t host vigie`).
    NoShell,
}

/// Gives the terminal back, stops the process and whatever started it in its group (`cargo run`),
/// and takes the terminal again when the shell continues it. Drop [`super::Inputs`] before.
/// The stream of signals tells [`Signal::Continue`] too.
///
/// # Errors
/// The terminal is gone meanwhile, or the system refuses to stop us.
pub async fn suspend(guard: &Guard) -> Result<Suspension, Broken> {
    if !has_job_control() {
        return Ok(Suspension::NoShell);
    }
    let mut go_on = unix::signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
    guard.pause();
    // SIGSTOP, because tokio has taken SIGTSTP's ordinary effect away. A thread may run on for a
    // moment after this call: only SIGCONT is the proof that we were stopped and are no more.
    let stopped = kill_current_process_group(rustix::process::Signal::STOP);
    if stopped.is_ok() {
        go_on.recv().await;
    }
    guard.resume()?;
    stopped?;
    Ok(Suspension::Continued)
}

/// Whether a shell of this session can continue us: what the kernel asks before it lets SIGTSTP stop
/// a process, and SIGSTOP does not ask.
fn has_job_control() -> bool {
    // In a container a session may begin outside (`docker exec`): its number is then 0 to those inside.
    // nix, because rustix takes every session for a number above 0.
    let session = getsid(None).ok();
    let parents = getsid(Some(getppid())).ok();
    session.is_some() && session != Some(getpgrp()) && session == parents
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use rustix::process::{Signal as Sent, getpid, kill_process};

    #[tokio::test]
    async fn each_signal_is_told_by_its_meaning() {
        let mut signals = Signals::open().unwrap();
        let known = [
            (Sent::HUP, Signal::Hangup),
            (Sent::TERM, Signal::Terminate),
            (Sent::QUIT, Signal::Terminate),
            (Sent::INT, Signal::Interrupt),
            (Sent::TSTP, Signal::Suspend),
            (Sent::CONT, Signal::Continue),
        ];
        for (sent, meaning) in known {
            kill_process(getpid(), sent).unwrap();
            assert_eq!(signals.next().await, meaning);
        }
    }
}
