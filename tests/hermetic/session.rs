//! A program in a pseudo-terminal of its own: keys go in, cells come out.

use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// How long something may take before the test fails. Generous: nothing is measured by it.
const DEADLINE: Duration = Duration::from_secs(30);

/// `ICANON | ECHO` of Linux: a terminal as shells leave it to programs.
const COOKED: u32 = 0o12;

/// What has come from the program.
struct Seen {
    terminal: vt100::Parser,
    bytes: Vec<u8>,
    /// The program has closed its end, or we ours.
    closed: bool,
    /// The reading thread shall end at the next bytes.
    let_go: bool,
}

/// A program and the terminal it runs in.
pub struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    reader: Option<JoinHandle<()>>,
}

impl Session {
    /// Starts `program` with a clean environment: `PATH`, `TERM=xterm-256color`, a UTF-8 locale, and
    /// what `variables` adds. A `HOME` must be among them if the program looks for one.
    pub fn start(
        program: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
        columns: u16,
        rows: u16,
    ) -> Self {
        let size = pty_size(columns, rows);
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for (name, value) in variables {
            command.env(name, value);
        }
        command.cwd(std::env::temp_dir());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);

        let seen = Arc::new((
            Mutex::new(Seen {
                terminal: vt100::Parser::new(
                    rows.try_into().unwrap(),
                    columns.try_into().unwrap(),
                    0,
                ),
                bytes: Vec::new(),
                closed: false,
                let_go: false,
            }),
            Condvar::new(),
        ));
        let mut output = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&seen);
        let reader = std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            loop {
                // Linux reports a closed terminal as an input/output error.
                let length = output.read(&mut buffer).unwrap_or(0);
                let mut seen = lock(&shared.0);
                seen.terminal.process(&buffer[..length]);
                seen.bytes.extend_from_slice(&buffer[..length]);
                seen.closed = length == 0 || seen.let_go;
                shared.1.notify_all();
                if seen.closed {
                    return;
                }
            }
        });
        Self {
            child,
            keyboard: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            seen,
            reader: Some(reader),
        }
    }

    /// Types.
    pub fn send(&mut self, keys: &str) {
        let keyboard = self.keyboard.as_mut().unwrap();
        keyboard.write_all(keys.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// Waits until the terminal is as `wanted`, which `what` describes; fails with the screen.
    pub fn wait(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        self.wait_seen(what, |seen| wanted(seen.terminal.screen()));
    }

    /// Waits until the bytes of the program are as `wanted`, escaped for reading.
    pub fn wait_bytes(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        self.wait_seen(what, |seen| wanted(&seen.bytes.escape_ascii().to_string()));
    }

    fn wait_seen(&self, what: &str, wanted: impl Fn(&Seen) -> bool) {
        let begun = Instant::now();
        let mut seen = lock(&self.seen.0);
        while !wanted(&seen) {
            let left = DEADLINE.saturating_sub(begun.elapsed());
            assert!(
                !left.is_zero() && !seen.closed,
                "waited for {what}{}; the screen:\n{}\nthe bytes:\n{}",
                if seen.closed {
                    ", but the terminal is closed"
                } else {
                    ""
                },
                seen.terminal.screen().contents(),
                seen.bytes.escape_ascii(),
            );
            let waited = self.seen.1.wait_timeout(seen, left);
            seen = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until the screen contains `text`.
    pub fn wait_text(&self, text: &str) {
        self.wait(&format!("{text:?}"), |screen| {
            screen.contents().contains(text)
        });
    }

    /// Waits until the dashboard has taken the terminal over.
    pub fn wait_dashboard(&self) {
        self.wait("the alternate screen", vt100::Screen::alternate_screen);
    }

    /// Asks something of the terminal as it is now.
    pub fn look<T>(&self, at: impl FnOnce(&vt100::Screen) -> T) -> T {
        at(lock(&self.seen.0).terminal.screen())
    }

    /// All bytes of the program so far.
    pub fn bytes(&self) -> Vec<u8> {
        lock(&self.seen.0).bytes.clone()
    }

    /// Bytes that come within `time`.
    pub fn bytes_within(&self, time: Duration) -> Vec<u8> {
        let before = self.bytes().len();
        std::thread::sleep(time);
        self.bytes().split_off(before)
    }

    /// Changes the size of the terminal, which tells the program.
    pub fn resize(&self, columns: u16, rows: u16) {
        let mut seen = lock(&self.seen.0);
        seen.terminal
            .set_size(rows.try_into().unwrap(), columns.try_into().unwrap());
        drop(seen);
        let master = self.master.as_ref().unwrap();
        master.resize(pty_size(columns, rows)).unwrap();
    }

    /// The program's process.
    pub fn pid(&self) -> Pid {
        let id = self.child.process_id().unwrap();
        Pid::from_raw(id.try_into().unwrap()).unwrap()
    }

    /// Sends a signal to the program alone.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Closes the terminal, as a lost connection does. The program must write something when the
    /// size changes.
    pub fn hang_up(&mut self) {
        // Another handle of the terminal is in the reading thread, which sleeps until bytes come.
        lock(&self.seen.0).let_go = true;
        self.resize(33, 7);
        self.reader.take().unwrap().join().unwrap();
        self.keyboard = None;
        self.master = None;
    }

    /// Waits until the program has ended, and until all it has written is seen.
    pub fn end(&mut self) -> ExitStatus {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                begun.elapsed() < DEADLINE,
                "the program does not end; the screen:\n{}",
                self.look(vt100::Screen::contents)
            );
            std::thread::sleep(Duration::from_millis(2));
        };
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        status
    }

    /// Fails unless the terminal is as it was before the program took it over.
    pub fn assert_restored(&self) {
        self.look(|screen| {
            let text = screen.contents();
            assert!(!screen.alternate_screen(), "alternate screen\n{text}");
            assert!(!screen.hide_cursor(), "hidden cursor\n{text}");
            assert!(!screen.bracketed_paste(), "bracketed paste\n{text}");
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
            assert_eq!(screen.fgcolor(), vt100::Color::Default);
            assert!(!screen.inverse() && !screen.bold());
        });
        let modes = self.master.as_ref().unwrap().get_termios().unwrap();
        assert_eq!(modes.local_flags.bits() & COOKED, COOKED, "raw mode");
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A test that failed leaves nothing running.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// A test that failed while it looked says so itself.
fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pty_size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}
