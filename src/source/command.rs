//! Runs other programs safely: argv, never a shell; no terminal; a deadline; a cap on the output.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Output {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output, capped.
    pub stdout: Vec<u8>,
    /// Standard error, capped at 64 KiB.
    pub stderr: Vec<u8>,
}

/// Most of standard error that is kept.
const STDERR_CAP: usize = 64 * 1024;

/// Most of standard output that is taken at a time: what a pipe holds.
const PART: usize = 64 * 1024;

/// What a command inherits: where programs, agents and key rings are, nothing else.
const INHERITED: [&str; 7] = [
    "PATH",
    "HOME",
    "USER",
    "SSH_AUTH_SOCK",
    "XDG_RUNTIME_DIR",
    "GNUPGHOME",
    "PASSWORD_STORE_DIR",
];

/// How long a group has between the polite and the certain end.
const GRACE: Duration = Duration::from_millis(300);

/// Runs `argv` in its own process group with stdin closed and a clean environment. On time-out the whole
/// group is ended. More output than `cap` bytes is a failure.
pub async fn run(argv: &[&str], deadline: Duration, cap: usize) -> Result<Output, Failure> {
    let mut stdout = Vec::new();
    let take = |part: &[u8]| stdout.extend_from_slice(part);
    let output = run_into(argv, deadline, cap, take).await?;
    Ok(Output { stdout, ..output })
}

/// As [`run`], with the output given to `take` as it comes, and none of it kept.
pub async fn run_into(
    argv: &[&str],
    deadline: Duration,
    cap: usize,
    mut take: impl FnMut(&[u8]),
) -> Result<Output, Failure> {
    let [program, arguments @ ..] = argv else {
        return Err(failure("", "an empty command"));
    };
    let mut command = prepared(program, arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| spawning(program, &error))?;
    let mut group = Group::of(&child);
    let streams = (child.stdout.take(), child.stderr.take());
    let done = tokio::time::timeout(deadline, collect(&mut child, streams, cap, &mut take)).await;
    match done {
        Ok(Ok(output)) => {
            group.forget();
            Ok(output)
        }
        Ok(Err(detail)) => {
            group.end(&mut child).await;
            Err(failure(program, &detail))
        }
        Err(_) => {
            group.end(&mut child).await;
            let seconds = deadline.as_secs_f64();
            Err(failure(
                program,
                &format!("did not end within {seconds} s and was stopped"),
            ))
        }
    }
}

/// Waits for the end of a command and of its output.
async fn collect(
    child: &mut Child,
    (stdout, stderr): (Option<ChildStdout>, Option<ChildStderr>),
    cap: usize,
    take: &mut impl FnMut(&[u8]),
) -> Result<Output, String> {
    let mut err = Vec::new();
    let status = {
        // Both at once: a command that fills the one pipe while we read the other would never end.
        let reading = async {
            tokio::try_join!(read(stdout, take, cap), async {
                drain(stderr, &mut err).await;
                Ok(())
            })
        };
        tokio::pin!(reading);
        tokio::select! {
            done = &mut reading => {
                done?;
                child.wait().await
            }
            status = child.wait() => {
                // Something it left behind may keep the pipes open (ssh's shared connection does).
                if let Ok(done) = tokio::time::timeout(GRACE, &mut reading).await {
                    done?;
                }
                status
            }
        }
    };
    Ok(Output {
        code: status.map_err(|error| error.to_string())?.code(),
        stdout: Vec::new(),
        stderr: err,
    })
}

/// A command with a clean environment, in its own process group, without stdin and output.
pub(super) fn prepared<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(
            INHERITED
                .iter()
                .filter_map(|name| std::env::var_os(name).map(|value| (name, value))),
        )
        // Its messages are read by us, in English and UTF-8.
        .env("LANG", "C.UTF-8")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// A failure of a command: its name without path and arguments, which may hold secrets.
pub(super) fn failure(program: &str, detail: &str) -> Failure {
    let name = Path::new(program).file_name().and_then(OsStr::to_str);
    Failure::new(FailureKind::Command {
        command: Text::clean(name.unwrap_or(program)),
        detail: Text::clean(detail),
    })
}

/// A command that could not be started.
pub(super) fn spawning(program: &str, error: &std::io::Error) -> Failure {
    let detail = match error.kind() {
        std::io::ErrorKind::NotFound => "not found; is it installed and in PATH?".to_owned(),
        std::io::ErrorKind::PermissionDenied => "not executable".to_owned(),
        _ => format!("cannot be started: {error}"),
    };
    failure(program, &detail)
}

/// Reads to the end, or fails when there is more than `cap`.
async fn read(
    stream: Option<impl AsyncRead + Unpin>,
    take: &mut impl FnMut(&[u8]),
    cap: usize,
) -> Result<(), String> {
    let Some(mut stream) = stream else {
        return Ok(());
    };
    let mut part = vec![0; PART];
    let mut all = 0;
    // A pipe that breaks has ended: the exit code tells whether that was right.
    while let Ok(length @ 1..) = stream.read(&mut part).await {
        all += length;
        if all > cap {
            return Err(format!("more than {cap} bytes of output"));
        }
        take(part.get(..length).unwrap_or_default());
    }
    Ok(())
}

/// Keeps the beginning of standard error and throws the rest away, so that the command is not held up.
async fn drain(stream: Option<ChildStderr>, bytes: &mut Vec<u8>) {
    if let Some(mut stream) = stream {
        let _ = (&mut stream)
            .take(STDERR_CAP as u64)
            .read_to_end(bytes)
            .await;
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    }
}

/// A process group that is ended when it is dropped, unless it has ended by itself.
#[derive(Debug)]
pub(super) struct Group(Option<Pid>);

impl Group {
    /// The group that `child` leads.
    pub(super) fn of(child: &Child) -> Self {
        Self(
            child
                .id()
                .and_then(|id| i32::try_from(id).ok())
                .and_then(Pid::from_raw),
        )
    }

    /// It has ended, so its number may soon be another's.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }

    /// TERM, and KILL for what is left after a moment.
    pub(super) async fn end(&mut self, child: &mut Child) {
        if let Some(group) = self.0.take() {
            // Both fail only when nothing is left of it.
            let _ = kill_process_group(group, Signal::TERM);
            let _ = tokio::time::timeout(GRACE, child.wait()).await;
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // The program ends or the task was cancelled: no time for politeness.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);
    const SHORT: Duration = Duration::from_millis(200);

    fn said(failure: Failure) -> (String, String) {
        match failure.kind {
            FailureKind::Command { command, detail } => (command.to_string(), detail.to_string()),
            other => unreachable!("{other:?}"),
        }
    }

    async fn shell(script: &str) -> Result<Output, Failure> {
        run(&["/bin/sh", "-c", script], LONG, 1000).await
    }

    #[tokio::test]
    async fn arguments_are_not_read_by_a_shell() {
        let output = run(&["printf", "%s|", "a b", "$HOME;*"], LONG, 100)
            .await
            .unwrap();
        assert_eq!(output.code, Some(0));
        assert_eq!(output.stdout, b"a b|$HOME;*|");
    }

    #[tokio::test]
    async fn both_outputs_and_the_exit_code_come() {
        let output = shell("echo out; echo err >&2; exit 69").await.unwrap();
        assert_eq!(output.code, Some(69));
        assert_eq!(
            (&*output.stdout, &*output.stderr),
            (&b"out\n"[..], &b"err\n"[..])
        );
        assert_eq!(shell("kill -9 $$").await.unwrap().code, None);
    }

    #[tokio::test]
    async fn it_has_no_input_and_its_own_group() {
        let output = shell("cat; ps -o pgid= -p $$ | tr -d ' '; echo $$")
            .await
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines.first(), lines.last(), "leader of its group");
    }

    #[tokio::test]
    async fn only_what_it_needs_is_inherited() {
        let output = run(&["env"], LONG, 10_000).await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        for line in text.lines() {
            let name = line.split('=').next().unwrap();
            assert!(
                INHERITED.contains(&name) || ["LANG", "LC_ALL"].contains(&name),
                "{name}"
            );
        }
        assert!(text.contains("LC_ALL=C.UTF-8"));
        // Cargo sets these for us, so that they would show.
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    }

    #[tokio::test]
    async fn what_cannot_be_started_is_named_without_its_arguments() {
        let failure = run(&["/nowhere/tool", "hunter2"], LONG, 10)
            .await
            .unwrap_err();
        assert!(!format!("{failure:?}").contains("hunter2"));
        assert_eq!(
            said(failure),
            (
                "tool".to_owned(),
                "not found; is it installed and in PATH?".to_owned()
            )
        );
        assert_eq!(
            said(run(&[], LONG, 10).await.unwrap_err()).1,
            "an empty command"
        );
    }

    #[tokio::test]
    async fn too_much_output_is_a_failure_and_ends_it() {
        let (command, detail) = said(run(&["yes", "hunter2"], LONG, 1000).await.unwrap_err());
        assert_eq!(
            (command.as_str(), detail.as_str()),
            ("yes", "more than 1000 bytes of output")
        );
        let output = run(&["printf", "12345"], LONG, 5).await.unwrap();
        assert_eq!(output.stdout, b"12345", "the cap itself passes");
        // Much on standard error is cut, and does not hold the command up.
        let output = shell("head -c 300000 /dev/zero >&2; echo done")
            .await
            .unwrap();
        assert_eq!(
            (output.stderr.len(), &*output.stdout),
            (STDERR_CAP, &b"done\n"[..])
        );
    }

    #[tokio::test]
    async fn on_time_out_the_whole_group_ends() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pid");
        let script = format!(
            "trap '' TERM; sleep 600 & echo $! > {}; wait; wait",
            file.display()
        );
        let failure = run(&["sh", "-c", &script], Duration::from_secs(1), 10)
            .await
            .unwrap_err();
        assert_eq!(said(failure).1, "did not end within 1 s and was stopped");
        let grandchild: i32 = std::fs::read_to_string(&file)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        assert!(is_gone(grandchild).await);
    }

    #[tokio::test]
    async fn a_dropped_run_ends_the_group_too() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pid");
        let script = format!("sleep 600 & echo $! > {}; wait", file.display());
        let argv = ["sh", "-c", &script];
        let cancelled = async {
            // Until the script has written.
            while !std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n')) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            _ = run(&argv, LONG, 10) => unreachable!("it sleeps"),
            () = cancelled => {}
        }
        let grandchild: i32 = std::fs::read_to_string(&file)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        assert!(is_gone(grandchild).await);
    }

    #[tokio::test]
    async fn something_left_behind_does_not_hold_the_answer() {
        let output = run(&["sh", "-c", "sleep 5 & echo done"], LONG, 100)
            .await
            .unwrap();
        assert_eq!((output.code, &*output.stdout), (Some(0), &b"done\n"[..]));
        assert!(run(&["sleep", "5"], SHORT, 10).await.is_err());
    }

    /// Whether a process ends soon (or is only waiting to be reaped by whoever inherited it).
    async fn is_gone(id: i32) -> bool {
        for _ in 0..200 {
            let state = std::fs::read_to_string(format!("/proc/{id}/stat"));
            match state {
                Err(_) => return true,
                Ok(text) if text.contains(") Z ") => return true,
                Ok(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        false
    }
}
