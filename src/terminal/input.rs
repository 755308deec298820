//! Keys, clicks, pastes and changes of size, as they happen.
//!
//! Read by a thread of our own that sleeps in `poll(2)`, not by crossterm's `EventStream`: that one
//! spins for ever when the terminal vanishes (a read of 0 bytes is tried again, inside `poll_next`,
//! so on the task that would have to notice), blocks there on half a sequence, and leaves what
//! lies behind the first 1,024 bytes of a burst until the next key. This one says [`Broken::Gone`] at once.

use std::io::{self, PipeWriter};
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::AsFd;
use rustix::io::Errno;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::domain::KeyPress;

use super::decode::Decoder;
use super::output::{self, Broken};

/// What the user did at the terminal. Columns and rows count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Pressed a key.
    Key(KeyPress),
    /// Pasted text; line ends are `\n`, other control characters are gone.
    Paste(String),
    /// Clicked the left button and let it go in the same cell.
    Click {
        /// Column.
        column: u16,
        /// Row.
        row: u16,
    },
    /// Turned the wheel one notch.
    Wheel {
        /// Column.
        column: u16,
        /// Row.
        row: u16,
        /// Away from the user.
        up: bool,
    },
    /// Changed the terminal's size, in cells.
    Resize {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
    },
}

/// How long an Escape waits for the rest of a sequence before it is the key.
/// A sequence comes in one packet nearly always; 20 ms cannot be felt.
const ESCAPE_WAIT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};

/// Inputs that may wait for the loop before reading pauses: then they wait in the kernel.
const QUEUE: usize = 1024;

/// The stream of inputs. While it exists, its thread reads standard input: drop it before another
/// program is given the terminal, open a new one after. Dropping ends the thread before it returns.
#[derive(Debug)]
pub struct Inputs {
    queue: mpsc::Receiver<Result<Input, Broken>>,
    resized: Signal,
    /// Closing it ends the thread.
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Inputs {
    /// Begins to read standard input. Needs a tokio runtime with I/O.
    ///
    /// # Errors
    /// No more descriptors or threads.
    pub fn open() -> io::Result<Self> {
        let resized = signal(SignalKind::window_change())?;
        let (stopped, stop) = io::pipe()?;
        let (sender, queue) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || {
                read(io::stdin(), stopped, |input| {
                    sender.blocking_send(input).is_ok()
                });
            })?;
        Ok(Self {
            queue,
            resized,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The next input. May be dropped while waiting without losing any.
    ///
    /// # Errors
    /// [`Broken::Gone`] when the terminal is, and ever after.
    pub async fn next(&mut self) -> Result<Input, Broken> {
        tokio::select! {
            input = self.queue.recv() => input.unwrap_or(Err(Broken::Gone)),
            // The stream of a signal never ends.
            _ = self.resized.recv() => {
                let size = output::size();
                Ok(Input::Resize { columns: size.width, rows: size.height })
            }
        }
    }

    /// What has arrived already, for draining a burst before drawing once. Leaves out changes of size.
    ///
    /// # Errors
    /// As [`Inputs::next`].
    pub fn try_next(&mut self) -> Option<Result<Input, Broken>> {
        match self.queue.try_recv() {
            Ok(input) => Some(input),
            Err(mpsc::error::TryRecvError::Empty) => None,
            Err(mpsc::error::TryRecvError::Disconnected) => Some(Err(Broken::Gone)),
        }
    }
}

impl Drop for Inputs {
    fn drop(&mut self) {
        // The thread may be waiting for room in the queue, or for the terminal.
        self.queue.close();
        self.stop = None;
        while self.queue.try_recv().is_ok() {}
        if let Some(thread) = self.thread.take() {
            // A panic in it has been recorded by the hook.
            let _ended = thread.join();
        }
    }
}

/// Reads until told to stop, until the terminal is gone (which is the last thing sent), or until
/// nobody listens any more.
fn read(terminal: impl AsFd, stop: impl AsFd, mut send: impl FnMut(Result<Input, Broken>) -> bool) {
    let mut decoder = Decoder::default();
    let mut inputs = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match wait(&terminal, &stop, decoder.is_undecided()) {
            Ok(Event::Stop) => return,
            Ok(Event::Nothing) => decoder.settle(&mut inputs),
            Ok(Event::Readable) => match rustix::io::read(&terminal, &mut buffer) {
                Ok(0) => {
                    send(Err(Broken::Gone));
                    return;
                }
                Ok(length) => {
                    decoder.feed(buffer.get(..length).unwrap_or_default(), &mut inputs);
                }
                // Another process that shares the terminal was quicker.
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(errno) => {
                    send(Err(errno.into()));
                    return;
                }
            },
            Err(broken) => {
                send(Err(broken));
                return;
            }
        }
        for input in inputs.drain(..) {
            if !send(Ok(input)) {
                return;
            }
        }
    }
}

/// Why waiting ended.
enum Event {
    Stop,
    Readable,
    /// Time is up, or a signal came.
    Nothing,
}

/// Waits for the terminal or the word to stop; not for ever when an Escape is `undecided`.
fn wait(terminal: &impl AsFd, stop: &impl AsFd, undecided: bool) -> Result<Event, Broken> {
    let mut fds = [
        PollFd::new(stop, PollFlags::IN),
        PollFd::new(terminal, PollFlags::IN),
    ];
    match poll(&mut fds, undecided.then_some(&ESCAPE_WAIT)) {
        Ok(_) => {}
        Err(Errno::INTR | Errno::AGAIN) => return Ok(Event::Nothing),
        Err(errno) => return Err(errno.into()),
    }
    let [stopped, readable] = fds.map(|fd| fd.revents());
    if !stopped.is_empty() {
        return Ok(Event::Stop);
    }
    if readable.contains(PollFlags::IN) {
        return Ok(Event::Readable);
    }
    if readable.is_empty() {
        return Ok(Event::Nothing);
    }
    // Hung up, in error or closed, and nothing left to read.
    Err(Broken::Gone)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use std::io::Write;

    /// What [`read`] sends, in order, from a pipe that `write` writes to and then closes.
    fn received(write: impl FnOnce(&mut PipeWriter)) -> Vec<Result<Input, Broken>> {
        let (terminal, mut keyboard) = io::pipe().unwrap();
        let (stopped, _stop) = io::pipe().unwrap();
        let (sender, queue) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            read(terminal, stopped, |input| sender.send(input).is_ok());
        });
        write(&mut keyboard);
        drop(keyboard);
        thread.join().unwrap();
        queue.try_iter().collect()
    }

    fn key(word: &str) -> Input {
        Input::Key(word.parse().unwrap())
    }

    #[test]
    fn a_closed_terminal_is_said_once_after_the_last_key() {
        let mut all = received(|keyboard| keyboard.write_all(b"jk").unwrap()).into_iter();
        assert_eq!(all.next().unwrap().unwrap(), key("j"));
        assert_eq!(all.next().unwrap().unwrap(), key("k"));
        assert!(matches!(all.next(), Some(Err(Broken::Gone))));
        assert!(all.next().is_none());
    }

    #[test]
    fn a_burst_of_thousands_arrives_whole() {
        let all = received(|keyboard| {
            for _ in 0..5000 {
                keyboard.write_all(b"\x1b[B").unwrap();
            }
        });
        assert_eq!(all.len(), 5001);
        assert!(
            all.iter()
                .take(5000)
                .all(|input| matches!(input, Ok(input) if *input == key("down")))
        );
    }

    #[test]
    fn stopping_takes_no_byte_from_the_next_reader() {
        let (terminal, mut keyboard) = io::pipe().unwrap();
        let (stopped, stop) = io::pipe().unwrap();
        drop(stop);
        keyboard.write_all(b"for the editor").unwrap();
        read(&terminal, stopped, |_| unreachable!("nothing may be read"));
        drop(keyboard);
        assert_eq!(io::read_to_string(terminal).unwrap(), "for the editor");
    }

    #[test]
    fn reading_ends_when_nobody_listens() {
        let (terminal, mut keyboard) = io::pipe().unwrap();
        let (stopped, _stop) = io::pipe().unwrap();
        keyboard.write_all(b"jjj").unwrap();
        let mut sent = 0;
        read(terminal, stopped, |_| {
            sent += 1;
            false
        });
        assert_eq!(sent, 1);
    }
}
