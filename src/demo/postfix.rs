//! A `postqueue` of the lab: a script that prints a listing, and the listing, which moves with the clock.
//!
//! vigie runs it as it would run the real one. Where files cannot be run (`noexec`), the lab has no Postfix.

use std::fs::{OpenOptions, rename};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinHandle;

use super::noise::{key, mix};
use super::sample::{Queue, Waiting};
use super::world::World;

/// How often mails come and go.
const TICK: Duration = Duration::from_secs(3);
/// By how much younger a mail is than the same one of the round before.
const ROUND: i64 = 90;

/// The script, kept until this is dropped.
#[derive(Debug)]
pub(super) struct Postfix {
    program: Option<PathBuf>,
    mover: JoinHandle<()>,
}

impl Postfix {
    /// Writes script and listing into a directory and lets mails come and go from now on.
    pub(super) fn open(directory: &Path, world: &Arc<World>) -> io::Result<Self> {
        let listing = directory.join("queue.ndjson");
        write(&listing, &listed(world), 0o600)?;
        let program = directory.join("postqueue");
        let script = format!("#!/bin/sh\nexec cat '{}'\n", listing.display());
        write(&program, &script, 0o700)?;
        let runs = Command::new(&program)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let world = Arc::clone(world);
        let mover = tokio::spawn(async move {
            let mut tick = tokio::time::interval(TICK);
            loop {
                tick.tick().await;
                // The next round tries again; a lab that ends takes its directory with it.
                let _ = write(&listing, &listed(&world), 0o600);
            }
        });
        Ok(Self {
            program: runs.is_ok_and(|status| status.success()).then_some(program),
            mover,
        })
    }

    /// The script, where scripts can be run and its path can be written down.
    pub(super) fn program(&self) -> Option<&Path> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
        self.program
            .as_deref()
            .filter(|path| path.to_str().is_some_and(|path| path.chars().all(plain)))
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.mover.abort();
    }
}

/// Writes a whole file at once, so that nobody reads half of it.
fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&new)?;
    file.write_all(text.as_bytes())?;
    drop(file);
    rename(&new, path)
}

/// The listing as `postqueue -j` prints it: two mails on their way, the rest deferred.
fn listed(world: &World) -> String {
    let now = world.now();
    let sample = &world.sample.waiting;
    let mut text = String::new();
    let mut line = |queue: &str, number: u64, mail: &Waiting, arrived: i64| {
        let recipients: Vec<_> = mail
            .to
            .iter()
            .map(|address| match queue {
                "deferred" => json!({"address": address, "delay_reason": mail.reason}),
                _ => json!({"address": address}),
            })
            .collect();
        let row = json!({
            "queue_name": queue,
            "queue_id": format!("{:010X}", mix(key(&mail.reason) ^ number) >> 24),
            "arrival_time": arrived,
            "message_size": mail.bytes,
            "forced_expire": false,
            "sender": mail.sender,
            "recipients": recipients,
        });
        text.push_str(&row.to_string());
        text.push('\n');
    };
    let deferred = world.depth(Queue::Postfix, now).clamp(0, 500);
    for (number, mail) in (0..deferred).zip(sample.iter().cycle()) {
        let round = number / i64::try_from(sample.len().max(1)).unwrap_or(1);
        // Later rounds are younger, and none is from the future.
        let age = (mail.age.0 / (round + 1) - round * ROUND).max(20);
        line(
            "deferred",
            number.cast_unsigned(),
            mail,
            world.start() - age,
        );
    }
    for (number, mail) in (0..2_i64).zip(sample.iter().rev()) {
        let turn = now.div_euclid(30) * 2 + number;
        line(
            "active",
            turn.cast_unsigned(),
            mail,
            now.div_euclid(30) * 30 - number,
        );
    }
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::demo::Options;

    #[tokio::test]
    async fn the_script_prints_a_line_for_each_mail() {
        let directory = tempfile::tempdir().unwrap();
        let world = Arc::new(World::new(Options::default()).unwrap());
        let postfix = Postfix::open(directory.path(), &world).unwrap();
        let program = postfix.program().unwrap();
        let output = Command::new(program).arg("-j").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let rows: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let deferred = rows.iter().filter(|row| row["queue_name"] == "deferred");
        assert!(deferred.count() >= 3);
        assert!(
            rows.iter()
                .all(|row| row["arrival_time"].as_i64().unwrap() <= world.now())
        );
        let mut ids: Vec<String> = rows.iter().map(|row| row["queue_id"].to_string()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), rows.len(), "each its own");
    }
}
