//! What outlives the program, with real processes: several at once, killed, without room, without a right.
//!
//! The programs are this test binary once more, with only [`child`]; the last tests start `vigie` itself.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vigie::config::Places;
use vigie::demo::{Lab, Options};
use vigie::domain::Moment;
use vigie::history::{History, Kind, Range, Sample, Series, State};

use crate::session::Session;

/// The variable that tells [`child`] where; without it it does nothing.
const CHILD: &str = "VIGIE_HISTORY_CHILD";
/// What it does there: `write` for ever, or write until that `fail`s and say why.
const TASK: &str = "VIGIE_HISTORY_TASK";
/// The moment of its first sample, in milliseconds.
const START: &str = "VIGIE_HISTORY_START";
const ARGUMENTS: [&str; 5] = [
    "history::child",
    "--exact",
    "--ignored",
    "--nocapture",
    "--quiet",
];
/// How long something may take before the test fails.
const DEADLINE: Duration = Duration::from_mins(1);
/// Seconds that are written, over and over.
const SECONDS: i64 = 1200;
/// A user who may do nothing in particular.
const NOBODY: u32 = 65_534;

fn series() -> Series {
    Series {
        kind: Kind::QueueDepth,
        source: "letters".to_owned(),
        name: "/list".to_owned(),
    }
}

/// A full minute, fifty minutes ago.
fn start() -> Moment {
    let minute = 60_000;
    Moment::from_millis((Moment::now().as_millis() / minute - 50) * minute)
}

/// Every second of twenty minutes, each with its own number.
fn seconds(start: Moment, from: i64, to: i64) -> Vec<Sample> {
    (from..to)
        .map(|second| Sample {
            series: series(),
            at: Moment::from_millis(start.as_millis() + second * 1000),
            value: second as f64,
        })
        .collect()
}

#[test]
#[ignore = "not a test: the program that the others start"]
#[expect(clippy::print_stdout, reason = "its word for the one who started it")]
fn child() {
    let Ok(home) = std::env::var(CHILD) else {
        return;
    };
    let fails = std::env::var(TASK).is_ok_and(|task| task == "fail");
    let history = History::open(&Places::within(Path::new(&home)));
    let begun = Instant::now();
    let start = std::env::var(START).unwrap().parse().unwrap();
    let start = Moment::from_millis(start);
    loop {
        for from in (0..SECONDS).step_by(20) {
            history.record(seconds(start, from, from + 20));
            if let State::Off(failure) = history.state()
                && fails
            {
                println!("said: {:?}", failure.kind);
                // It is no worse for being used on.
                history.record(seconds(start, from, from + 20));
                return;
            }
            if fails && begun.elapsed() > DEADLINE {
                println!("said: nothing, {:?}", history.state());
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The command that runs [`child`] on a home.
fn command(home: &Path, task: &str, start: Moment) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(ARGUMENTS)
        .env(CHILD, home)
        .env(TASK, task)
        .env(START, start.as_millis().to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// A child that is killed at the latest with its test.
struct Killed(Child);

impl Killed {
    fn start(home: &Path, start: Moment) -> Self {
        Self(command(home, "write", start).spawn().unwrap())
    }

    /// As `kill -9` does.
    fn kill(&mut self) {
        let _gone = self.0.kill();
        self.0.wait().unwrap();
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn settled(history: &History) -> State {
    let mut states = history.states();
    let state = states.wait_for(|state| *state != State::Opening).await;
    state.unwrap().clone()
}

/// Waits until so many seconds are there. What the disk was too slow for is written the next time round.
async fn written(history: &History, seconds: i64) {
    let begun = Instant::now();
    loop {
        let found = history.series(series(), Range::Hour).await.unwrap().len();
        if i64::try_from(found).unwrap() >= seconds {
            return;
        }
        assert!(begun.elapsed() < DEADLINE, "{found} of {seconds} seconds");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn two_programs_write_the_same_minutes_and_are_killed() {
    let home = tempfile::tempdir().unwrap();
    let begun = start();
    let mut writers = [(); 2].map(|()| Killed::start(home.path(), begun));
    let history = History::open(&Places::within(home.path()));
    assert_eq!(settled(&history).await, State::On);
    // Twenty minutes, and on: both begin anew with what is there already.
    written(&history, SECONDS).await;
    writers[0].kill();
    // What a busy disk makes it drop may be told again: it counts once.
    let telling = async {
        loop {
            history.record(seconds(begun, SECONDS, SECONDS + 60));
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        () = telling => {}
        () = written(&history, SECONDS + 60) => {}
    }
    writers[1].kill();
    history.close(DEADLINE).await;

    let again = History::open(&Places::within(home.path()));
    assert_eq!(settled(&again).await, State::On, "nothing is damaged");
    let points = again.series(series(), Range::Day).await.unwrap();
    assert_eq!(points.len(), 21);
    for (minute, point) in points.iter().enumerate() {
        let first = minute as f64 * 60.0;
        // A sample that counted twice would move the mean.
        assert_eq!(
            (point.low, point.high, point.mean),
            (first, first + 59.0, first + 29.5),
            "minute {minute}"
        );
    }
    again.close(DEADLINE).await;
}

#[tokio::test]
async fn a_program_killed_at_any_moment_leaves_a_good_file() {
    let home = tempfile::tempdir().unwrap();
    let begun = start();
    for round in 0..12 {
        let mut writer = Killed::start(home.path(), begun);
        // From before the file is there to well into writing.
        tokio::time::sleep(Duration::from_millis(15 * round)).await;
        writer.kill();
        let history = History::open(&Places::within(home.path()));
        assert_eq!(settled(&history).await, State::On, "round {round}");
        for point in history.series(series(), Range::Day).await.unwrap() {
            // Whole batches of 20 seconds, or nothing.
            let first = (point.at.as_millis() - begun.as_millis()) as f64 / 1000.0;
            let (from, to) = (point.low - first, point.high - first + 1.0);
            assert!([0.0, 20.0, 40.0].contains(&from), "{round}: {point:?}");
            assert!([20.0, 40.0, 60.0].contains(&to), "{round}: {point:?}");
        }
        history.close(DEADLINE).await;
    }
    let names: Vec<String> = fs::read_dir(home.path().join("state"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("damaged"))
        .collect();
    assert_eq!(names, [""; 0]);
}

/// What the child said before it ended by itself.
fn said(command: &mut Command) -> String {
    let mut child = command.spawn().unwrap();
    let mut words = String::new();
    let mut out = child.stdout.take().unwrap();
    out.read_to_string(&mut words).unwrap();
    assert!(child.wait().unwrap().success(), "{words}");
    words
}

#[tokio::test]
async fn a_full_disk_is_said_and_what_was_there_stays() {
    let home = tempfile::tempdir().unwrap();
    let child = command(home.path(), "fail", start());
    // No file may grow beyond 200 blocks; the signal for that is ignored, so that writing fails instead.
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\""])
        .arg(child.get_program())
        .args(child.get_args())
        .env(CHILD, home.path())
        .env(TASK, "fail")
        .env(START, start().as_millis().to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let words = said(&mut limited);
    assert!(
        words.contains("the disk may be full or broken") || words.contains("the disk is full"),
        "{words}"
    );
    let history = History::open(&Places::within(home.path()));
    assert_eq!(settled(&history).await, State::On, "nothing is damaged");
    let minutes = history.series(series(), Range::Day).await.unwrap();
    assert!(!minutes.is_empty(), "what fitted is there");
    history.close(DEADLINE).await;
}

/// Another user's view of a home where nothing may be written.
fn as_nobody(home: &TempDir) -> Option<Command> {
    let mut command = command(home.path(), "fail", start());
    if rustix::process::geteuid().is_root() {
        // Root may do everything, so it is somebody else.
        command.uid(NOBODY).gid(NOBODY);
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut probe = Command::new(std::env::current_exe().unwrap());
        probe.arg("--list").uid(NOBODY).gid(NOBODY);
        probe.stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|s| s.success()).then_some(command)
    } else {
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o555)).unwrap();
        Some(command)
    }
}

#[test]
fn a_home_that_cannot_be_written_is_said() {
    let home = tempfile::tempdir().unwrap();
    // This binary may lie where nobody else can reach it.
    let Some(mut nobody) = as_nobody(&home) else {
        return;
    };
    let words = said(&mut nobody);
    assert!(
        words.contains("it cannot be made: permission denied"),
        "{words}"
    );
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_state_directory_of_somebody_else_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("state")).unwrap();
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let Some(mut nobody) = as_nobody(&home) else {
        return;
    };
    let words = said(&mut nobody);
    assert!(words.contains("it belongs to another user"), "{words}");
}

/// A home with a configuration.
fn configured(toml: &str) -> (TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    let place = home.path().join(".config/vigie");
    fs::create_dir_all(&place).unwrap();
    let file = place.join("config.toml");
    fs::write(&file, toml).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let path = home.path().to_str().unwrap().to_owned();
    (home, path)
}

fn vigie(home: &str, arguments: &[&str]) -> Session {
    let program = env!("CARGO_BIN_EXE_vigie");
    Session::start(program, arguments, &[("HOME", home)], 140, 40)
}

fn mode(path: &PathBuf) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn the_next_start_shows_what_was_known_though_every_server_is_gone() {
    let servers = tokio::runtime::Runtime::new().unwrap();
    let lab = servers.block_on(Lab::start(Options::default())).unwrap();
    let (home, path) = configured(&lab.config_toml());

    let mut first = vigie(&path, &["--start-tab", "2"]);
    first.wait_dashboard();
    first.wait_text("wiki");
    // Both Proxmox have answered.
    first.wait_text("pikachu");
    first.send("q");
    assert!(first.end().success());
    let state = home.path().join(".local/state/vigie");
    assert_eq!(mode(&state), 0o700);
    for name in ["last-known.jsonl", "history.sqlite"] {
        assert_eq!(mode(&state.join(name)), 0o600, "{name}");
    }
    let known = fs::read_to_string(state.join("last-known.jsonl")).unwrap();
    for line in lab.config_toml().lines() {
        // Secrets of the lab's configuration, by their keys.
        if let Some((key, value)) = line.split_once(" = \"")
            && ["token", "password", "key", "secret"].contains(&key.trim())
        {
            let secret = value.trim_end_matches('"');
            let secret = secret.rsplit('=').next().unwrap();
            assert!(secret.len() > 3 && !known.contains(secret), "{key}");
        }
    }

    drop(lab);
    servers.shutdown_timeout(Duration::from_secs(1));
    let mut second = vigie(&path, &["--start-tab", "2"]);
    second.wait_dashboard();
    second.wait_text("wiki");
    // And it is not taken for the present: golem is marked as soon as it is asked in vain.
    second.wait("the loss to be said", |screen| {
        screen.contents().contains("lost") || screen.contents().contains("old")
    });
    second.look(|screen| assert!(screen.contents().contains("wiki")));
    second.send("q");
    assert!(second.end().success());
    second.assert_restored();

    // Killed, it is as it was, too.
    let third = vigie(&path, &["--start-tab", "2"]);
    third.wait_text("wiki");
    third.signal(rustix::process::Signal::KILL);
    drop(third);
    let fourth = vigie(&path, &["--start-tab", "2"]);
    fourth.wait_text("wiki");
}

#[test]
fn sample_data_never_mixes_with_real() {
    let (home, path) = configured("");
    let mut demo = vigie(&path, &["demo"]);
    demo.wait_dashboard();
    demo.wait_text("router");
    demo.send("q");
    assert!(demo.end().success());
    assert!(!home.path().join(".local").exists());
}
