//! Runs `postqueue` and understands how it fails: always with code 69, told apart by its (English) words.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::failure::FailureKind;
use crate::domain::queue::Queue;
use crate::domain::{Failure, Text};
use crate::source::command::{self, Output};

use super::{listing, printed, tally};

/// 5,000 mails take 0.15 s, 100,000 some seconds; a connection over ssh up to ten.
const DEADLINE: Duration = Duration::from_secs(45);

/// What of a table is kept while it is read; of JSON only a line at a time is.
const CAP: usize = 32 * 1024 * 1024;

/// Longest listing in JSON: a million mails.
const JSON_CAP: usize = 1024 * 1024 * 1024;

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

/// What a listing was counted to.
pub(super) type Counted = (tally::Tally, u32);

/// Where `postqueue` is asked, and for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Over ssh, or here.
    pub ssh: Option<&'a Ssh>,
    /// The program, where it is not in its usual place.
    pub program: Option<&'a Path>,
    /// The instance; `None` for the default one.
    pub instance: Option<&'a Path>,
    pub format: Format,
}

/// Runs `postqueue` for an instance, here or over ssh, and counts what it lists. The third is the bytes that came.
pub(super) async fn run(asked: Asked<'_>) -> Result<(Output, Counted, u64), Failure> {
    let argv = argv(asked).await;
    let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
    if asked.format == Format::Table {
        let output = command::run(&argv, DEADLINE, CAP).await?;
        let counted = count(&output.stdout, asked.format);
        let bytes = output.stdout.len() as u64;
        return Ok((output, counted, bytes));
    }
    let (mut reader, mut bytes) = (listing::Reader::default(), 0);
    let output = command::run_into(&argv, DEADLINE, JSON_CAP, |part| {
        bytes += part.len() as u64;
        reader.take(part);
    })
    .await?;
    Ok((output, reader.end(), bytes))
}

/// Counts a whole listing.
fn count(stdout: &[u8], format: Format) -> Counted {
    match format {
        Format::Json => {
            let mut reader = listing::Reader::default();
            reader.take(stdout);
            reader.end()
        }
        Format::Table => {
            let mut counted = tally::Tally::default();
            let skipped = printed::read(&String::from_utf8_lossy(stdout), &mut counted);
            (counted, skipped)
        }
    }
}

async fn argv(
    Asked {
        ssh,
        program,
        instance,
        format,
    }: Asked<'_>,
) -> Vec<String> {
    if let Some(ssh) = ssh {
        let shared = std::env::var("XDG_RUNTIME_DIR").ok();
        return over_ssh(ssh, shared.as_deref(), (program, instance), format);
    }
    let mut found = program.map(|program| program.to_string_lossy().into_owned());
    if found.is_none() {
        for place in PLACES {
            if tokio::fs::try_exists(place).await.unwrap_or(false) {
                found = Some(place.to_owned());
                break;
            }
        }
    }
    let mut argv = vec![found.unwrap_or_else(|| "postqueue".to_owned())];
    if let Some(dir) = instance {
        argv.extend(["-c".to_owned(), dir.to_string_lossy().into_owned()]);
    }
    argv.push(format.option().to_owned());
    argv
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
    (program, instance): (Option<&Path>, Option<&Path>),
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
    argv.extend(["--", &ssh.destination, "env", REMOTE_PATH].map(str::to_owned));
    // The other end has a shell, whatever we do.
    let quoted = |path: &Path| format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"));
    argv.push(program.map_or_else(|| "postqueue".to_owned(), quoted));
    if let Some(dir) = instance {
        argv.extend(["-c".to_owned(), quoted(dir)]);
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
    (counted, skipped): Counted,
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

    fn understood(output: &Output, format: Format, ssh: Option<&str>) -> Result<Listed, Failure> {
        understand(output, count(&output.stdout, format), format, ssh)
    }

    fn refused(code: i32, stderr: &str, ssh: Option<&str>) -> (String, String) {
        let failure = understood(&output(code, "", stderr), Format::Json, ssh).unwrap_err();
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
        let queue = understood(&down, Format::Json, None).unwrap().queue;
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
        let queue = understood(&down, Format::Json, None).unwrap().queue;
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
        assert!(understood(&nonsense, Format::Json, None).is_err());
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
            (None, Some(Path::new("/etc/post fix'; id"))),
            Format::Json,
        );
        assert_eq!(
            argv.join(" "),
            "ssh -T -o BatchMode=yes -o ConnectTimeout=10 -o ControlMaster=auto -o ControlPath=/run/user/1000/vigie-%C \
             -o ControlPersist=60 -- root@mail env PATH=/usr/sbin:/usr/local/sbin:/sbin:/usr/bin:/usr/local/bin:/bin \
             postqueue -c '/etc/post fix'\\''; id' -j"
        );
        let argv = over_ssh(
            &ssh("mail", Some("/etc/f")),
            None,
            (None, None),
            Format::Table,
        )
        .join(" ");
        assert!(argv.contains(" -F /etc/f -- mail "), "{argv}");
        assert!(!argv.contains("Control"), "{argv}");
        assert!(argv.ends_with("postqueue -p"), "{argv}");
        let elsewhere = Path::new("/opt/post fix/postqueue");
        let argv = over_ssh(
            &ssh("mail", None),
            None,
            (Some(elsewhere), None),
            Format::Json,
        );
        assert_eq!(argv[argv.len() - 2..], ["'/opt/post fix/postqueue'", "-j"]);
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
            |name: &str, format| understood(&output(0, &read(name), ""), format, None).unwrap();

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
        let counts = |queue: &Queue| -> Vec<(Text, u64)> {
            let groups = queue.domains.iter();
            groups.map(|g| (g.what.clone(), g.mails)).collect()
        };
        assert_eq!(counts(&json.queue), counts(&table.queue));
        assert_eq!(json.queue.mails.len(), 9);
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
        let queue = understood(&down, Format::Json, None).unwrap().queue;
        assert!(queue.down.is_some() && queue.depth > Some(0));
        for name in [
            "lab_down_nobody_j",
            "default_instance_down_nobody",
            "default_instance_down_root",
        ] {
            let down = output(69, "", &read(&format!("{name}.err")));
            let queue = understood(&down, Format::Json, None).unwrap().queue;
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
