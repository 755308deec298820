//! SSH tunnels, through the system's `ssh`: opened on demand, watched, ended with the value.
//!
//! Proxmox VE 3.4 speaks only TLS 1.0, but its `pvedaemon` has the same API in plain HTTP on its loopback
//! (`api/proxmox.md` §4).

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStderr};
use tokio::time::{Instant, sleep};

use crate::config::shape;
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};

use super::command::{self, Group};

/// How long ssh may take until its end here listens. Its own `ConnectTimeout` is shorter.
const OPENING: Duration = Duration::from_secs(15);

/// How often is looked whether it listens.
const LOOK: Duration = Duration::from_millis(40);

/// Lines of standard error that are remembered.
const WORDS: usize = 4;

/// Longest line of standard error that is read.
const LONGEST_LINE: u64 = 4096;

/// A tunnel of one source.
pub struct Tunnel {
    shape: shape::Tunnel,
    program: PathBuf,
    choose: fn() -> io::Result<u16>,
    running: tokio::sync::Mutex<Option<Running>>,
    words: Words,
}

/// What ssh said last, newest at the end.
type Words = Arc<Mutex<VecDeque<Text>>>;

#[derive(Debug)]
struct Running {
    port: u16,
    // Before the child: the whole group ends, then the child is reaped.
    _group: Group,
    child: Child,
}

impl fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tunnel")
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

impl Tunnel {
    /// A tunnel that is opened by the first [`Self::port`].
    pub fn new(shape: &shape::Tunnel) -> Self {
        Self::with(shape, PathBuf::from("ssh"), free_port)
    }

    /// With another program and another choice of the port, for tests.
    fn with(shape: &shape::Tunnel, program: PathBuf, choose: fn() -> io::Result<u16>) -> Self {
        Self {
            shape: shape.clone(),
            program,
            choose,
            running: tokio::sync::Mutex::new(None),
            words: Words::default(),
        }
    }

    /// The near end's port on 127.0.0.1. Starts ssh if it does not run; one that has ended is started anew.
    ///
    /// # Errors
    /// What ssh said when it ended before it listened.
    pub async fn port(&self) -> Result<u16, Failure> {
        let mut running = self.running.lock().await;
        if let Some(tunnel) = &mut *running {
            if let Ok(None) = tunnel.child.try_wait() {
                return Ok(tunnel.port);
            }
            *running = None;
        }
        let tunnel = self.start().await?;
        let port = tunnel.port;
        *running = Some(tunnel);
        Ok(port)
    }

    /// What ssh said last, such as `channel 2: open failed: connect failed: Connection refused`.
    pub fn last_words(&self) -> Option<Text> {
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        words.back().cloned()
    }

    async fn start(&self) -> Result<Running, Failure> {
        let program = self.program.to_string_lossy();
        let port = (self.choose)()
            .map_err(|error| command::failure(&program, &format!("no free port: {error}")))?;
        let mut command = command::prepared(&program, &self.arguments(port));
        command.stderr(Stdio::piped());
        self.words
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        let mut child = command
            .spawn()
            .map_err(|error| command::spawning(&program, &error))?;
        let group = Group::of(&child);
        let listener = child
            .stderr
            .take()
            .map(|stderr| tokio::spawn(listen(stderr, self.words.clone())));
        let mut tunnel = Running {
            port,
            _group: group,
            child,
        };
        let end = Instant::now() + OPENING;
        loop {
            if let Ok(Some(status)) = tunnel.child.try_wait() {
                if let Some(listener) = listener {
                    // Its last words may still be in the pipe.
                    let _ = tokio::time::timeout(Duration::from_millis(500), listener).await;
                }
                let detail = match (self.last_words(), status.code()) {
                    (Some(words), _) => words.to_string(),
                    (None, Some(code)) => format!("ended with exit code {code} and said nothing"),
                    (None, None) => "ended by a signal".to_owned(),
                };
                return Err(self.failure(&detail));
            }
            if listens(port).await {
                return Ok(tunnel);
            }
            if Instant::now() >= end {
                let seconds = OPENING.as_secs();
                return Err(self.failure(&format!("no tunnel after {seconds} s")));
            }
            sleep(LOOK).await;
        }
    }

    fn arguments(&self, port: u16) -> Vec<String> {
        let to_host = &self.shape.to_host;
        let host = if to_host.contains(':') && !to_host.starts_with('[') {
            format!("[{to_host}]")
        } else {
            to_host.clone()
        };
        let forward = format!("127.0.0.1:{port}:{host}:{}", self.shape.to_port);
        let mut arguments: Vec<String> = ["-N", "-T"].map(str::to_owned).to_vec();
        for option in [
            "BatchMode=yes",
            "ExitOnForwardFailure=yes",
            "ServerAliveInterval=15",
            "ServerAliveCountMax=3",
            "ConnectTimeout=10",
            // A shared connection would keep the tunnel open after us.
            "ControlMaster=no",
            "ControlPath=none",
        ] {
            arguments.extend(["-o".to_owned(), option.to_owned()]);
        }
        arguments.extend(["-L".to_owned(), forward, "--".to_owned()]);
        arguments.push(self.shape.ssh.clone());
        arguments
    }

    fn failure(&self, detail: &str) -> Failure {
        let mut failure = command::failure(&self.program.to_string_lossy(), detail);
        if let FailureKind::Command { command, .. } = &mut failure.kind {
            *command = Text::clean(&format!("{command} {}", self.shape.ssh));
        }
        failure
    }
}

/// Reads what ssh says until it ends.
async fn listen(stderr: ChildStderr, words: Words) {
    let mut lines = BufReader::new(stderr);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut lines)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
            .await
        {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let said = String::from_utf8_lossy(&line);
        if let Some(said) = Text::clean_non_empty(said.trim_end()) {
            let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
            if words.len() == WORDS {
                words.pop_front();
            }
            words.push_back(said);
        }
    }
}

/// A port that nobody uses at this moment.
fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// Whether a process of ours listens on 127.0.0.1:`port`. Another user of this machine could have taken the port
/// before ssh did; nothing may be sent to that one. Where the system does not tell (no `/proc`), a connection
/// that is accepted must do.
async fn listens(port: u16) -> bool {
    match tokio::fs::read_to_string("/proc/net/tcp").await {
        Ok(table) => is_ours(&table, port, rustix::process::geteuid().as_raw()),
        Err(_) => tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .is_ok(),
    }
}

/// Looks for a listening socket of `user` in `/proc/net/tcp` (proc(5): address in hexadecimal, state 0A is LISTEN).
fn is_ours(table: &str, port: u16, user: u32) -> bool {
    // The four bytes as one number of this machine.
    let loopback = u32::from_ne_bytes(Ipv4Addr::LOCALHOST.octets());
    let address = format!("{loopback:08X}:{port:04X}");
    table.lines().any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let local = fields.next();
        let state = fields.nth(1);
        // Queues, timer, retransmissions stand between the state and the user.
        let owner = fields.nth(3).and_then(|uid| uid.parse().ok());
        local == Some(&address) && state == Some("0A") && owner == Some(user)
    })
}
