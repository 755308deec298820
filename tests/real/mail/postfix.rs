//! A real Postfix, on this machine and through a real sshd.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;

use vigie::domain::Moment;
use vigie::domain::failure::FailureKind;
use vigie::domain::queue::Queue;
use vigie::estate::queues::Verdict;

use super::{Fast, client, queue, queues};
use crate::given;

/// The instance's directory of configuration, and the port where mails to `slow.example` go.
fn instance() -> (String, u16) {
    let given = given("VIGIE_TEST_POSTFIX");
    let (directory, port) = given.rsplit_once(':').unwrap();
    (directory.to_owned(), port.parse().unwrap())
}

async fn mail(to: &str) {
    let (directory, _) = instance();
    let mut child = Command::new("/usr/sbin/sendmail")
        .args(["-C", &directory, "-f", "list@lab.example.org", "--", to])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(b"Subject: a test\n\nnothing\n")
        .await
        .unwrap();
    drop(stdin);
    assert!(child.wait().await.unwrap().success());
}

async fn postfix(command: &[&str]) {
    let (directory, _) = instance();
    let (program, arguments) = command.split_first().unwrap();
    let mut whole = Command::new(program);
    whole.args(["-c", &directory]).args(arguments);
    let done = whole.output().await.unwrap();
    assert!(done.status.success(), "{command:?}: {done:?}");
}

/// Reads until the queue is as wanted.
async fn until(lines: &str, wanted: impl Fn(&Queue) -> bool) -> Queue {
    let client = client(lines);
    let mut last = None;
    for _ in 0..100 {
        let found = queue(&client).await;
        if wanted(&found) {
            return found;
        }
        last = Some(found);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{last:?}")
}

fn local() -> String {
    let (directory, _) = instance();
    format!("kind = \"postfix\"\nqueue = \"out\"\ninstances = [\"{directory}\"]")
}

fn over_ssh(host: &str) -> String {
    let config = given("VIGIE_TEST_SSH");
    format!("{}\nssh = \"{host}\"\nssh_config = \"{config}\"", local())
}

/// One after another: in the end Postfix is down.
#[tokio::test]
async fn the_life_of_a_postfix() {
    let (directory, port) = instance();
    // Takes connections and never says a word: mails to it stay active.
    let slow = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    postfix(&["/usr/sbin/postsuper", "-d", "ALL"]).await;
    let empty = until(&local(), |q| q.depth == Some(0)).await;
    assert_eq!((empty.down, empty.name.as_str()), (None, "out"));

    let local_client = client(&local());
    let before = queue(&local_client).await;
    for to in [
        "anne@full.example",
        "bonny@full.example",
        "mary@nowhere.example",
        "jack@slow.example",
    ] {
        mail(to).await;
    }
    let full = until(&local(), |q| q.deferred == Some(3) && q.active == Some(1)).await;
    assert_eq!(
        (full.depth, full.incoming, full.hold),
        (Some(4), Some(0), Some(0))
    );
    assert!(full.oldest.is_some() && full.size.is_some());
    let domains: Vec<(&str, u64)> = (full.domains.iter())
        .map(|group| (&*group.what, group.mails))
        .collect();
    assert_eq!(domains, [("full.example", 2), ("nowhere.example", 1)]);
    let reason = full.reasons.first().unwrap();
    assert!(
        reason.what.contains("mailbox is full") && reason.mails == 2,
        "{reason:?}"
    );
    // Each with its age, and the mails themselves, but for the one on its way.
    let now = Moment::now();
    for group in full.domains.iter().chain(&full.reasons) {
        let age = group.oldest.unwrap().age(now).unwrap();
        assert!(age < Duration::from_mins(2), "{group:?}");
    }
    assert_eq!(full.mails.len(), 3);
    assert!(full.mails.is_sorted_by_key(|mail| mail.arrived));
    let first = &full.mails[0];
    assert_eq!(first.sender.as_deref(), Some("list@lab.example.org"));
    assert_eq!(first.recipient.as_deref(), Some("anne@full.example"));
    assert!(first.size.is_some_and(|size| size.0 > 0) && first.more == 0);
    assert!(first.reason.as_deref().unwrap().contains("mailbox is full"));
    let shown = format!("{:?}", full.mails);
    assert!(
        !shown.contains("a test") && !shown.contains("nothing\n"),
        "{shown}"
    );
    let after = queue(&local_client).await;
    assert_eq!(
        after.enqueued.unwrap() - before.enqueued.unwrap(),
        4,
        "four came"
    );

    // Held by a person, and deleted: of these one left.
    let listed = Command::new("/usr/sbin/postqueue")
        .args(["-c", &directory, "-j"])
        .output()
        .await
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let id = |to: &str| {
        let line = listed.lines().find(|line| line.contains(to)).unwrap();
        let (_, rest) = line.split_once("\"queue_id\": \"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    postfix(&["/usr/sbin/postsuper", "-h", &id("anne@")]).await;
    postfix(&["/usr/sbin/postsuper", "-d", &id("bonny@")]).await;
    let held = until(&local(), |q| q.hold == Some(1) && q.depth == Some(3)).await;
    assert_eq!(held.deferred, Some(1));
    assert_eq!(
        queue(&local_client).await.enqueued,
        after.enqueued,
        "nothing came"
    );

    // The same through ssh, as if it were elsewhere.
    let far = queue(&client(&over_ssh("lab"))).await;
    assert_eq!(
        (far.depth, far.hold, far.host.as_deref()),
        (Some(3), Some(1), Some("lab"))
    );
    assert_eq!((&far.reasons, &far.mails), (&held.reasons, &held.mails));
    let kind = refused_command(&over_ssh("strange")).await;
    assert!(kind.1.contains("verification failed"), "{kind:?}");
    let kind = refused_command(&over_ssh("nobody-knows.invalid")).await;
    assert_eq!(kind.0, "ssh nobody-knows.invalid");
    let wrong = over_ssh("lab").replace(&format!("[\"{directory}\"]"), "[\"/nowhere\"]");
    let kind = refused_command(&wrong).await;
    assert!(kind.1.contains("No such file or directory"), "{kind:?}");

    // Of two instances one cannot be read: the other is there, and this one is not empty.
    let two = local()
        .replace("[\"", "[\"/nowhere\", \"")
        .replace("queue = \"out\"\n", "");
    let both = queues(&client(&two)).await.queues;
    assert_eq!(both.len(), 2);
    assert_eq!(both[0].depth, Some(3));
    assert!(
        both[1].down.is_some() && both[1].depth.is_none(),
        "{:?}",
        both[1]
    );

    // An active mail that never leaves: after three cycles of a minute, two seconds of ours each.
    let client_of_cycles = client(&format!("{}\ncycle = \"60s\"", local()));
    let mut estate = Fast::new();
    let mut stuck_at = None;
    for _ in 0..24 {
        let (row, _) = estate.read(&client_of_cycles).await;
        if let Verdict::NotDraining(stuck) = row.verdict {
            stuck_at = Some(stuck.cycles);
            break;
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    assert_eq!(stuck_at, Some(3));

    // Down, and not empty.
    drop(slow);
    postfix(&["/usr/sbin/postfix", "stop"]).await;
    let down = until(&local(), |q| q.down.is_some()).await;
    assert_eq!(down.down.as_deref(), Some("Postfix is down"));
    let (row, _) = estate.read(&client_of_cycles).await;
    assert_eq!(row.verdict, Verdict::Down);
    let far = queue(&client(&over_ssh("lab"))).await;
    assert_eq!(far.down.as_deref(), Some("Postfix is down"));
}

async fn refused_command(lines: &str) -> (String, String) {
    match super::batch(&client(lines)).await {
        Err(failure) => match failure.kind {
            FailureKind::Command { command, detail } => (command.to_string(), detail.to_string()),
            other => panic!("{other:?}"),
        },
        Ok(batch) => panic!("{batch:?}"),
    }
}
