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
    pub(super) fn with(
        shape: &shape::Tunnel,
        program: PathBuf,
        choose: fn() -> io::Result<u16>,
    ) -> Self {
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
pub(super) mod tests {
    use std::path::Path;

    use super::*;

    fn shape(to_host: &str) -> shape::Tunnel {
        shape::Tunnel {
            ssh: "root@pikachu".to_owned(),
            to_host: to_host.to_owned(),
            to_port: 85,
        }
    }

    /// A script in place of ssh.
    pub(crate) fn fake(dir: &Path, script: &str) -> PathBuf {
        let path = dir.join("ssh");
        // Written by another process: a test that forks while we have it open would make it "busy".
        let written = std::process::Command::new("sh")
            .args([
                "-c",
                "printf '#!/bin/sh\n%s\n' \"$1\" > \"$2\" && chmod 755 \"$2\"",
                "sh",
                script,
            ])
            .arg(&path)
            .status();
        assert!(written.unwrap().success());
        path
    }

    /// A port that is listened on for as long as the tests run, in place of ssh's own.
    fn listened() -> io::Result<u16> {
        static LISTENER: Mutex<Option<TcpListener>> = Mutex::new(None);
        let mut listener = LISTENER.lock().unwrap();
        if listener.is_none() {
            *listener = Some(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
        }
        Ok(listener.as_ref().unwrap().local_addr()?.port())
    }

    fn said(failure: Failure) -> (String, String) {
        match failure.kind {
            FailureKind::Command { command, detail } => (command.to_string(), detail.to_string()),
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn ssh_is_asked_for_nothing_but_the_tunnel() {
        let tunnel = Tunnel::new(&shape("127.0.0.1"));
        let arguments = tunnel.arguments(18085).join(" ");
        assert!(arguments.starts_with("-N -T -o BatchMode=yes -o ExitOnForwardFailure=yes "));
        assert!(arguments.ends_with(" -L 127.0.0.1:18085:127.0.0.1:85 -- root@pikachu"));
        let arguments = Tunnel::new(&shape("::1")).arguments(1).join(" ");
        assert!(arguments.contains(" 127.0.0.1:1:[::1]:85 "));
    }

    #[tokio::test]
    async fn it_is_opened_once_and_ended_with_the_value() {
        let dir = tempfile::tempdir().unwrap();
        let starts = dir.path().join("starts");
        let script = format!("echo $$ >> {}\nexec sleep 600", starts.display());
        let tunnel = Tunnel::with(&shape("127.0.0.1"), fake(dir.path(), &script), listened);
        let port = tunnel.port().await.unwrap();
        assert_eq!(port, listened().unwrap());
        assert_eq!(tunnel.port().await.unwrap(), port);
        let started = read_when_written(&starts).await;
        assert_eq!(started.lines().count(), 1);
        drop(tunnel);
        assert!(is_gone(started.trim()).await);
    }

    #[tokio::test]
    async fn one_that_has_ended_is_started_anew() {
        let dir = tempfile::tempdir().unwrap();
        let starts = dir.path().join("starts");
        let script = format!(
            "echo $$ >> {0}\n[ $(wc -l < {0}) = 1 ] && exec sleep 1\nexec sleep 600",
            starts.display()
        );
        let tunnel = Tunnel::with(&shape("127.0.0.1"), fake(dir.path(), &script), listened);
        tunnel.port().await.unwrap();
        let first = read_when_written(&starts).await;
        assert!(is_gone(first.trim()).await);
        tunnel.port().await.unwrap();
        loop {
            if std::fs::read_to_string(&starts).unwrap().lines().count() == 2 {
                break;
            }
            sleep(LOOK).await;
        }
    }

    #[tokio::test]
    async fn ssh_tells_why_it_ended() {
        let dir = tempfile::tempdir().unwrap();
        let script = "echo 'Warning: something' >&2\nprintf 'root@pikachu: Permission denied (publickey).\\033[2J\\r\\n' >&2\nexit 255";
        let tunnel = Tunnel::with(&shape("127.0.0.1"), fake(dir.path(), script), free_port);
        let (command, detail) = said(tunnel.port().await.unwrap_err());
        assert_eq!(command, "ssh root@pikachu");
        assert_eq!(detail, "root@pikachu: Permission denied (publickey).␛[2J");
        let silent = Tunnel::with(&shape("h"), fake(dir.path(), "exit 7"), free_port);
        assert_eq!(
            said(silent.port().await.unwrap_err()).1,
            "ended with exit code 7 and said nothing"
        );
    }

    #[tokio::test]
    async fn no_ssh() {
        let tunnel = Tunnel::with(&shape("h"), PathBuf::from("/nowhere/ssh"), free_port);
        let (command, detail) = said(tunnel.port().await.unwrap_err());
        assert_eq!(command, "ssh");
        assert_eq!(detail, "not found; is it installed and in PATH?");
    }

    #[test]
    fn a_listener_of_another_user_is_not_ours() {
        // Two lines as /proc/net/tcp has them: port 8311 of user 1000 listening, port 8312 with a connection.
        let table = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2077 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 28609 1 0 100 0 0 10 0
   1: 0100007F:2078 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 28610 1 0 100 0 0 10 0
   2: 00000000:2079 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 28611 1 0 100 0 0 10 0";
        assert!(is_ours(table, 8311, 1000));
        assert!(!is_ours(table, 8311, 1001));
        assert!(!is_ours(table, 8312, 1000));
        assert!(!is_ours(table, 8313, 1000), "not the loopback address");
        assert!(!is_ours("", 8311, 1000));
    }

    #[tokio::test]
    async fn our_own_listener_is_seen() {
        let port = listened().unwrap();
        assert!(listens(port).await);
        let other = free_port().unwrap();
        assert!(!listens(other).await);
    }

    async fn read_when_written(path: &Path) -> String {
        loop {
            match std::fs::read_to_string(path) {
                Ok(text) if text.ends_with('\n') => return text,
                _ => sleep(LOOK).await,
            }
        }
    }

    /// Whether a process ends within some seconds.
    async fn is_gone(id: &str) -> bool {
        for _ in 0..200 {
            match std::fs::read_to_string(format!("/proc/{id}/stat")) {
                Ok(text) if !text.contains(") Z ") => sleep(LOOK).await,
                _ => return true,
            }
        }
        false
    }
}
