//! Runs `postqueue` and understands how it fails: always with code 69, told apart by its (English) words.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::failure::FailureKind;
use crate::domain::queue::Queue;
use crate::domain::{Failure, Text};
use crate::source::command::{self, Output};

use super::{listing, printed, tally};

/// 5,000 mails take 0.15 s; a connection over ssh up to ten.
const DEADLINE: Duration = Duration::from_secs(20);

/// 100,000 mails of one recipient.
const CAP: usize = 32 * 1024 * 1024;

/// `ssh` itself failed, rather than what it ran.
const SSH_FAILED: i32 = 255;

/// Where `postqueue` is; the PATH of ordinary users often lacks it.
const PLACES: [&str; 2] = ["/usr/sbin/postqueue", "/usr/local/sbin/postqueue"];

/// The same for the other end of ssh.
const REMOTE_PATH: &str = "PATH=/usr/sbin:/usr/local/sbin:/sbin:/usr/bin:/usr/local/bin:/bin";

/// Which listing is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// `-j`
    Json,
    /// `-p`
    Table,
}

/// Another machine, reached through the system's `ssh`.
#[derive(Debug)]
pub(super) struct Ssh {
    /// As `ssh` takes it.
    pub destination: String,
    /// `-F` file.
    pub config: Option<PathBuf>,
}

/// A listing that was understood.
#[derive(Debug)]
pub(super) struct Listed {
    /// Without its own name and host.
    pub queue: Queue,
    /// Which mails it has ([`tally::Tally::mails`]); `None` when they could not be listed.
    pub mails: Option<Vec<u64>>,
    pub skipped: u32,
}

/// Runs `postqueue` for an instance, here or over ssh.
pub(super) async fn run(
    ssh: Option<&Ssh>,
    instance: Option<&Path>,
    format: Format,
) -> Result<Output, Failure> {
    let argv = if let Some(ssh) = ssh {
        let shared = std::env::var("XDG_RUNTIME_DIR").ok();
        over_ssh(ssh, shared.as_deref(), instance, format)
    } else {
        let mut program = "postqueue";
        for place in PLACES {
            if tokio::fs::try_exists(place).await.unwrap_or(false) {
                program = place;
                break;
            }
        }
        let mut argv = vec![program.to_owned()];
        if let Some(dir) = instance {
            argv.extend(["-c".to_owned(), dir.to_string_lossy().into_owned()]);
        }
        argv.push(format.option().to_owned());
        argv
    };
    let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
    command::run(&argv, DEADLINE, CAP).await
}

impl Format {
    const fn option(self) -> &'static str {
        match self {
            Self::Json => "-j",
            Self::Table => "-p",
        }
    }
}

/// The ssh command. `shared` is where its connection is kept open for the next reading.
fn over_ssh(
    ssh: &Ssh,
    shared: Option<&str>,
    instance: Option<&Path>,
    format: Format,
) -> Vec<String> {
    let mut argv: Vec<String> = [
        "ssh",
        "-T",
        "-o",
        "BatchMode=yes",
        "-o",
        "ConnectTimeout=10",
    ]
    .map(str::to_owned)
    .to_vec();
    if let Some(config) = &ssh.config {
        argv.extend(["-F".to_owned(), config.to_string_lossy().into_owned()]);
    }
    if let Some(dir) = shared.filter(|dir| dir.starts_with('/')) {
        for option in [
            "ControlMaster=auto".to_owned(),
            format!("ControlPath={dir}/vigie-%C"),
            "ControlPersist=60".to_owned(),
        ] {
            argv.extend(["-o".to_owned(), option]);
        }
    }
    argv.extend(["--", &ssh.destination, "env", REMOTE_PATH, "postqueue"].map(str::to_owned));
    if let Some(dir) = instance {
        // The other end has a shell, whatever we do.
        let quoted = dir.to_string_lossy().replace('\'', r"'\''");
        argv.extend(["-c".to_owned(), format!("'{quoted}'")]);
    }
    argv.push(format.option().to_owned());
    argv
}

/// Postfix before 3.1 answers `-j` with its usage.
pub(super) fn knows_no_json(output: &Output) -> bool {
    let said = String::from_utf8_lossy(&output.stderr);
    output.code != Some(0)
        && (said.contains("invalid option -- 'j'") || said.contains("illegal option -- j"))
}

/// What a listing says. A Postfix that is down is a queue that says so, never an empty one.
pub(super) fn understand(
    output: &Output,
    format: Format,
    ssh: Option<&str>,
) -> Result<Listed, Failure> {
    let said = String::from_utf8_lossy(&output.stderr);
    let down = said.to_ascii_lowercase().contains("mail system is down");
    if output.code != Some(0) {
        if down {
            return Ok(Listed {
                queue: Queue {
                    kind: Text::clean("postfix"),
                    down: Some(Text::clean("Postfix is down")),
                    ..Queue::default()
                },
                mails: None,
                skipped: 0,
            });
        }
        return Err(failure(output.code, &said, ssh));
    }
    let mut counted = tally::Tally::default();
    let skipped = match format {
        Format::Json => listing::read(&output.stdout, &mut counted),
        Format::Table => printed::read(&String::from_utf8_lossy(&output.stdout), &mut counted),
    };
    let mails = Some(counted.mails());
    let mut queue = counted.queue(format == Format::Json);
    if down {
        // root is shown what lies on the disk.
        queue.down = Some(Text::clean("Postfix is down"));
    }
    if skipped > 0 && queue.depth == Some(0) {
        return Err(command::failure(
            "postqueue",
            "printed something that is no listing of a queue",
        ));
    }
    Ok(Listed {
        queue,
        mails,
        skipped,
    })
}

/// Why it failed, and what to do about it.
fn failure(code: Option<i32>, said: &str, ssh: Option<&str>) -> Failure {
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
    let fatal = said.lines().find_map(|line| line.split_once("fatal: "));
    let words = fatal.map(|(_, words)| words).or(last);
    let (program, detail) = match (code, ssh) {
        (Some(SSH_FAILED), Some(_)) => ("ssh", last.unwrap_or("no connection").to_owned()),
        (Some(127), _) => (
            "postqueue",
            "not found; is Postfix installed there?".to_owned(),
        ),
        (None, _) => ("postqueue", "ended by a signal".to_owned()),
        (Some(code), _) => {
            let words = words.map_or_else(|| format!("exit code {code}"), str::to_owned);
            let hint = if words.contains("not allowed to view the mail queue") {
                "; add that user to authorized_mailq_users in main.cf"
            } else if said.contains("unauthorized configuration directory") {
                "; the default instance's main.cf must name it for users other than root"
            } else {
                ""
            };
            ("postqueue", format!("{words}{hint}"))
        }
    };
    let mut failure = command::failure(program, &detail);
    if let (FailureKind::Command { command, .. }, Some(destination)) = (&mut failure.kind, ssh) {
        *command = Text::clean(&match program {
            "ssh" => format!("ssh {destination}"),
            other => format!("{other} on {destination}"),
        });
    }
    failure
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn output(code: i32, stdout: &str, stderr: &str) -> Output {
        Output {
            code: Some(code),
            stdout: stdout.as_bytes().to_vec(),
            stderr: stderr.as_bytes().to_vec(),
        }
    }

    fn refused(code: i32, stderr: &str, ssh: Option<&str>) -> (String, String) {
        let failure = understand(&output(code, "", stderr), Format::Json, ssh).unwrap_err();
        match failure.kind {
            FailureKind::Command { command, detail } => (command.to_string(), detail.to_string()),
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn a_postfix_that_is_down_is_not_empty() {
        let down = output(
            69,
            "",
            "postqueue: fatal: Queue report unavailable - mail system is down (Connect to the Postfix showq service: Connection refused)\n",
        );
        let queue = understand(&down, Format::Json, None).unwrap().queue;
        assert_eq!(
            (queue.depth, queue.down.as_deref()),
            (None, Some("Postfix is down"))
        );
        // As root: from the disk.
        let down = output(
            0,
            "{\"queue_name\": \"maildrop\", \"queue_id\": \"A20D1A02164\", \"recipients\": []}\n",
            "postqueue: warning: Mail system is down -- accessing queue directly (Connect to the Postfix showq service: Connection refused)\n",
        );
        let queue = understand(&down, Format::Json, None).unwrap().queue;
        assert_eq!(
            (queue.depth, queue.down.as_deref()),
            (Some(1), Some("Postfix is down"))
        );
    }

    #[test]
    fn refusals_say_what_to_do() {
        assert_eq!(
            refused(69, "postqueue: fatal: User nobody(65534) is not allowed to view the mail queue\n", None),
            (
                "postqueue".to_owned(),
                "User nobody(65534) is not allowed to view the mail queue; add that user to authorized_mailq_users in main.cf".to_owned()
            )
        );
        assert_eq!(
            refused(
                255,
                "banner\nroot@mail: Permission denied (publickey).\r\n",
                Some("root@mail")
            ),
            (
                "ssh root@mail".to_owned(),
                "root@mail: Permission denied (publickey).".to_owned()
            )
        );
        assert_eq!(
            refused(127, "sh: postqueue: not found\n", Some("mail")).0,
            "postqueue on mail"
        );
        assert_eq!(refused(1, "", None).1, "exit code 1");
        let nonsense = output(0, "welcome\nto mail\n", "");
        assert!(understand(&nonsense, Format::Json, None).is_err());
    }

    #[test]
    fn old_ones_are_known_by_their_words() {
        assert!(knows_no_json(&output(
            69,
            "",
            "postqueue: invalid option -- 'j'\npostqueue: fatal: usage: postqueue -f\n"
        )));
        assert!(!knows_no_json(&output(
            69,
            "",
            "postqueue: fatal: User x is not allowed\n"
        )));
    }

    #[test]
    fn ssh_gets_nothing_it_could_misread() {
        let ssh = |destination: &str, config: Option<&str>| Ssh {
            destination: destination.to_owned(),
            config: config.map(PathBuf::from),
        };
        let argv = over_ssh(
            &ssh("root@mail", None),
            Some("/run/user/1000"),
            Some(Path::new("/etc/post fix'; id")),
            Format::Json,
        );
        assert_eq!(
            argv.join(" "),
            "ssh -T -o BatchMode=yes -o ConnectTimeout=10 -o ControlMaster=auto -o ControlPath=/run/user/1000/vigie-%C \
             -o ControlPersist=60 -- root@mail env PATH=/usr/sbin:/usr/local/sbin:/sbin:/usr/bin:/usr/local/bin:/bin \
             postqueue -c '/etc/post fix'\\''; id' -j"
        );
        let argv = over_ssh(&ssh("mail", Some("/etc/f")), None, None, Format::Table).join(" ");
        assert!(argv.contains(" -F /etc/f -- mail "), "{argv}");
        assert!(!argv.contains("Control"), "{argv}");
        assert!(argv.ends_with("postqueue -p"), "{argv}");
    }

    /// Against what a real Postfix printed, when `VIGIE_RECORDED` names the directory.
    #[test]
    fn recorded() {
        let Some(dir) = std::env::var_os("VIGIE_RECORDED") else {
            return;
        };
        let dir = Path::new(&dir).join("postfix");
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
        let listed =
            |name: &str, format| understand(&output(0, &read(name), ""), format, None).unwrap();

        let json = listed("postqueue-j.ndjson", Format::Json);
        let table = listed("postqueue-p.txt", Format::Table);
        for listed in [&json, &table] {
            assert_eq!(listed.skipped, 0);
            assert_eq!(listed.queue.depth, Some(20));
            assert_eq!((listed.queue.active, listed.queue.hold), (Some(6), Some(2)));
            assert_eq!(listed.queue.deferred, Some(9));
        }
        assert_eq!(json.queue.incoming, Some(3));
        assert_eq!(json.queue.size, table.queue.size);
        assert_eq!(json.queue.domains, table.queue.domains);
        let shown = format!("{:?}", json.queue);
        assert!(
            !shown.chars().any(|c| c.is_control() || c == '\u{202e}'),
            "{shown}"
        );

        let json = listed("long-queue-ids.ndjson", Format::Json);
        let table = listed("long-queue-ids.txt", Format::Table);
        assert_eq!((json.skipped, table.skipped), (0, 0));
        // Excerpts of the same queue.
        assert_eq!((json.queue.depth, table.queue.depth), (Some(2), Some(4)));
        assert_eq!(listed("empty-j.ndjson", Format::Json).queue.depth, Some(0));
        assert_eq!(listed("empty-p.txt", Format::Table).queue.depth, Some(0));

        let down = output(
            0,
            &read("lab_down_root_j.out"),
            &read("lab_down_root_j.err"),
        );
        let queue = understand(&down, Format::Json, None).unwrap().queue;
        assert!(queue.down.is_some() && queue.depth > Some(0));
        for name in [
            "lab_down_nobody_j",
            "default_instance_down_nobody",
            "default_instance_down_root",
        ] {
            let down = output(69, "", &read(&format!("{name}.err")));
            let queue = understand(&down, Format::Json, None).unwrap().queue;
            assert_eq!((queue.depth, queue.down.is_some()), (None, true), "{name}");
        }
        for (name, words) in [
            ("nobody_excluded_j", "authorized_mailq_users"),
            ("nobody_untrusted_config", "main.cf must name it"),
            ("no_such_config", "No such file or directory"),
        ] {
            let (_, detail) = refused(69, &read(&format!("{name}.err")), None);
            assert!(detail.contains(words), "{name}: {detail}");
        }
    }
}
