//! Against a real Redmine on SQLite, seeded by `tests/servers/redmine-seed.rb`.

mod screens;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, MutexGuard};
use url::Url;

use vigie::config::shape::{Deadlines, Markup, Reach, Redmine, Trust};
use vigie::config::{Secret, SecretSource};
use vigie::domain::failure::FailureKind;
use vigie::domain::observation::Traffic;
use vigie::domain::section::Section;
use vigie::domain::ticket::{Projects, Ticket, Tickets};
use vigie::domain::{Batch, Bytes, Failure, Reading};
use vigie::source::Client as _;
use vigie::source::redmine::{Client, link};

use crate::forwarder::Forwarder;
use crate::given;

/// Issues that the account of the dashboard may see: all but the three of the archived project.
const SEEN: usize = 138;

/// One test at a time: some write, others count.
async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}

fn base() -> Url {
    Url::parse(&given("VIGIE_TEST_REDMINE")).unwrap()
}

fn key(login: &str) -> String {
    given(&format!("VIGIE_TEST_REDMINE_KEY_{}", login.to_uppercase()))
}

fn address(of: &Url) -> SocketAddr {
    of.socket_addrs(|| None).unwrap().remove(0)
}

fn redmine(at: Url, key: &str, projects: &[&str]) -> Client {
    Client::new(
        "tickets",
        &Redmine {
            reach: Reach {
                urls: vec![at],
                trust: Trust::System,
                tunnel: None,
                deadlines: Deadlines::default(),
                body_cap: Bytes(16 << 20),
            },
            key: SecretSource::Inline(Secret::new(key)),
            projects: projects.iter().map(|&name| name.to_owned()).collect(),
            markup: Markup::Textile,
            sections: Section::usual(),
        },
    )
}

fn lookout() -> Client {
    redmine(base(), &key("lookout"), &[])
}

async fn tickets(client: &Client) -> (Result<Arc<Tickets>, Failure>, Traffic) {
    let answered = client.read(Reading::Tickets).await;
    let tickets = answered.outcome.map(|batch| match batch {
        Batch::Tickets(tickets) => tickets,
        other => panic!("{other:?}"),
    });
    (tickets, answered.traffic)
}

async fn projects(client: &Client) -> Result<Arc<Projects>, Failure> {
    let answered = client.read(Reading::Projects).await;
    answered.outcome.map(|batch| match batch {
        Batch::Projects(projects) => projects,
        other => panic!("{other:?}"),
    })
}

/// All tickets: the first reading gives a page, the second the rest.
async fn all(client: &Client) -> Arc<Tickets> {
    tickets(client).await.0.unwrap();
    tickets(client).await.0.unwrap()
}

fn find(tickets: &Tickets, id: u64) -> &Arc<Ticket> {
    tickets.tickets.iter().find(|t| t.id == id).unwrap()
}

/// A request by hand, past the client: status and body.
async fn by_hand(method: &str, path: &str, key: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address(&base())).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Redmine-API-Key: {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

#[tokio::test]
async fn the_newest_page_comes_first_and_the_rest_follows() {
    let _alone = alone().await;
    let client = lookout();

    let (first, traffic) = tickets(&client).await;
    let first = first.unwrap();
    assert_eq!(
        (first.tickets.len(), first.more, first.skipped),
        (100, true, 0)
    );
    assert_eq!(traffic.requests, 2, "the key's owner and one page");

    let second = tickets(&client).await.0.unwrap();
    assert_eq!(
        (second.tickets.len(), second.more, second.skipped),
        (SEEN, false, 0)
    );
    assert!(
        second
            .tickets
            .is_sorted_by_key(|t| std::cmp::Reverse(t.updated))
    );
    assert!(
        first
            .tickets
            .iter()
            .all(|old| Arc::ptr_eq(old, find(&second, old.id))),
        "what did not change stays where it is"
    );

    let (third, traffic) = tickets(&client).await;
    assert!(Arc::ptr_eq(&second, &third.unwrap()), "nothing changed");
    assert_eq!(traffic.requests, 1, "only what changed is asked for");

    let closed = second.tickets.iter().filter(|t| t.closed == Some(true));
    assert_eq!(closed.count(), 20 + 4 + 1, "of 102, 20 and 8 every fifth");
    assert_eq!(second.tickets.iter().filter(|t| t.private).count(), 1);
}

#[tokio::test]
async fn a_new_note_is_in_the_next_reading() {
    let _alone = alone().await;
    let client = lookout();
    let before = all(&client).await;

    let note = r#"{"issue":{"notes":"Rope and tar are on board.","status_id":3}}"#;
    let (status, body) = by_hand("PUT", "/issues/60.json", &key("anne"), note).await;
    assert_eq!((status, body.as_str()), (204, ""));

    let (after, traffic) = tickets(&client).await;
    let after = after.unwrap();
    assert_eq!(traffic.requests, 1);
    assert_eq!(after.tickets.len(), SEEN);
    assert_eq!(after.tickets[0].id, 60);
    assert_eq!(&*after.tickets[0].status.name, "Resolved");
    assert!(after.tickets[0].updated > find(&before, 60).updated);
    let moved = after
        .tickets
        .iter()
        .filter(|new| !Arc::ptr_eq(new, find(&before, new.id)))
        .count();
    assert_eq!(moved, 1);

    let detail = client.detail(60).await.unwrap();
    let last = detail.journals.last().unwrap();
    assert_eq!(last.note.as_deref(), Some("Rope and tar are on board."));
    assert_eq!(&*last.author.as_ref().unwrap().name, "Anne Bonny");
    assert_eq!(last.changes.len(), 1);
    assert_eq!(&*last.changes[0].field, "status");
    assert_eq!(last.changes[0].new.as_deref(), Some("Resolved"));
}

#[tokio::test]
async fn a_deleted_ticket_goes() {
    let _alone = alone().await;
    let client = lookout();
    all(&client).await;

    let new = r#"{"issue":{"project_id":"council","subject":"Vote on the new flag","tracker_id":1,"priority_id":2,"status_id":1}}"#;
    let (status, body) = by_hand("POST", "/issues.json", &key("anne"), new).await;
    assert_eq!(status, 201, "{body}");
    let with = tickets(&client).await.0.unwrap();
    assert_eq!((with.tickets.len(), with.more), (SEEN + 1, false));
    assert_eq!(&*with.tickets[0].subject, "Vote on the new flag");

    let path = format!("/issues/{}.json", with.tickets[0].id);
    let (status, _) = by_hand("DELETE", &path, &key("admin"), "").await;
    assert!(status == 200 || status == 204, "{status}");
    // The newest one is missing, so all pages are walked: one in each reading.
    tickets(&client).await.0.unwrap();
    let without = tickets(&client).await.0.unwrap();
    assert_eq!((without.tickets.len(), without.more), (SEEN, false));
    assert!(without.tickets.iter().all(|t| t.id != with.tickets[0].id));
}

#[tokio::test]
async fn a_wrong_key_is_found_out_although_the_lists_answer() {
    let _alone = alone().await;
    let wrong = "0123456789012345678901234567890123456789";
    let (status, body) = by_hand("GET", "/issues.json?status_id=*&limit=1", wrong, "").await;
    assert_eq!(status, 200, "the trap is open: login is not required");
    assert!(body.contains(r#""total_count":117"#), "{body}");

    for key in [wrong, &key("edward")] {
        let client = redmine(base(), key, &[]);
        let failures = [
            tickets(&client).await.0.unwrap_err(),
            projects(&client).await.unwrap_err(),
            client.detail(1).await.unwrap_err(),
        ];
        for failure in failures {
            let FailureKind::Unauthorized { credential, .. } = &failure.kind else {
                panic!("{failure:?}");
            };
            assert_eq!(&**credential, "API key of tickets");
            assert!(
                !format!("{failure:?}").contains(key),
                "the key is not shown"
            );
        }
    }
}

#[tokio::test]
async fn a_history_is_in_order_with_words_for_numbers() {
    let _alone = alone().await;
    let client = lookout();
    projects(&client).await.unwrap();
    let detail = client.detail(1).await.unwrap();

    assert_eq!(&*detail.ticket.subject, "Disk sdb of pikachu is failing");
    assert_eq!(&*detail.ticket.status.name, "In Progress");
    assert_eq!(
        &*detail.ticket.assignee.as_ref().unwrap().name,
        "Bonny Teach"
    );
    assert_eq!(detail.ticket.done, Some(30));
    assert_eq!(
        &*detail.description,
        "SMART says:\n\n<pre>\nReallocated_Sector_Ct 412\n</pre>"
    );

    // The account's own preference is newest first.
    assert!(detail.journals.is_sorted_by_key(|journal| journal.id));
    let told: Vec<_> = detail
        .journals
        .iter()
        .map(|j| {
            (
                j.author.as_ref().unwrap().name.as_str(),
                j.note.as_deref(),
                j.private,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("Anne Bonny", None, false),
            (
                "Bonny Teach",
                Some("New disk is *ordered*,\nsee \"the shop\":https://shop.example.org/42"),
                false
            ),
            ("Anne Bonny", Some("The invoice goes to Edward."), true),
        ]
    );
    let changes: Vec<_> = detail.journals[0]
        .changes
        .iter()
        .map(|c| (c.field.as_str(), c.old.as_deref(), c.new.as_deref()))
        .collect();
    assert_eq!(
        changes,
        [
            ("status", Some("New"), Some("In Progress")),
            ("assigned to", None, Some("Bonny Teach")),
            ("done ratio", Some("0 %"), Some("30 %")),
        ]
    );

    let mary = redmine(base(), &key("mary"), &[]);
    let seen = mary.detail(1).await.unwrap();
    assert_eq!(
        seen.journals.len(),
        2,
        "a reporter does not see private notes"
    );
    assert!(seen.journals.iter().all(|journal| !journal.private));
}

#[tokio::test]
async fn nothing_of_a_hostile_ticket_acts() {
    let _alone = alone().await;
    let client = lookout();
    let tickets = all(&client).await;
    assert_eq!(
        &*find(&tickets, 2).subject,
        "␛[31mred␛]0;title␇ ·gnp.exe· two⏎lines \u{fffd}2J ·end"
    );
    let detail = client.detail(2).await.unwrap();
    assert_eq!(&*detail.description, "␛[2J␛]52;c;ZXZpbA==␇·dlrow");
    assert_eq!(
        detail.journals[0].note.as_deref(),
        Some("␛[8mhidden␛[0m\nsecond line\u{fffd}\nthird")
    );
    assert_eq!(&*find(&tickets, 3).subject, "ディスクがいっぱいです");
    assert_eq!(&*find(&tickets, 4).subject, "القرص ممتلئ على الخادم");
}

#[tokio::test]
async fn fields_files_and_days_arrive() {
    let _alone = alone().await;
    let client = lookout();
    let tickets = all(&client).await;

    let late = find(&tickets, 5);
    let fields: Vec<_> = late
        .fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(fields, [("Host", "mail-01"), ("Affected", "smtp, web")]);
    let due = late.due.unwrap();
    let changed = late
        .updated
        .unwrap()
        .timestamp()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    assert!(due < changed, "{due} {changed}");

    let child = find(&tickets, 7);
    assert!(child.private);
    assert_eq!(&*child.assignee.as_ref().unwrap().name, "Watch below");

    let with_file = client.detail(8).await.unwrap();
    let [file] = with_file.attachments.as_slice() else {
        panic!("{:?}", with_file.attachments);
    };
    assert_eq!((file.name.as_str(), file.size), ("smart.txt", Bytes(29)));
    assert_eq!(link(&base(), 8).path(), "/issues/8");
}

#[tokio::test]
async fn projects_come_with_members_closed_ones_too() {
    let _alone = alone().await;
    let client = lookout();
    let read = projects(&client).await.unwrap();
    assert_eq!(&*read.me.as_ref().unwrap().name, "Look Out");
    let mut names: Vec<_> = read
        .projects
        .iter()
        .map(|p| p.identifier.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["council", "infrastructure", "old-wiki"],
        "not the archived one"
    );

    let infra = read
        .projects
        .iter()
        .find(|p| *p.identifier == *"infrastructure")
        .unwrap();
    let members: Vec<_> = infra
        .members
        .iter()
        .flatten()
        .map(|m| {
            (
                m.who.name.as_str(),
                m.group,
                m.roles.iter().map(|r| r.as_str()).collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        members,
        [
            ("Anne Bonny", false, vec!["Manager"]),
            ("Look Out", false, vec!["Look-out"]),
            ("Bonny Teach", false, vec!["Developer"]),
            ("Mary Read", false, vec!["Reporter"]),
            ("Edward Low", false, vec!["Developer"]),
            ("Watch below", true, vec!["Developer"]),
        ]
    );
    let statuses: Vec<_> = read
        .statuses
        .iter()
        .map(|(s, closes)| (s.name.as_str(), *closes))
        .collect();
    assert_eq!(
        statuses,
        [
            ("New", false),
            ("In Progress", false),
            ("Resolved", false),
            ("Feedback", false),
            ("Closed", true),
            ("Rejected", true),
        ]
    );
    assert!(Arc::ptr_eq(&read, &projects(&client).await.unwrap()));
}

#[tokio::test]
async fn only_the_wanted_projects_are_read() {
    let _alone = alone().await;
    let client = redmine(base(), &key("lookout"), &["council", "old-wiki"]);
    let (first, _) = tickets(&client).await;
    let first = first.unwrap();
    assert_eq!((first.tickets.len(), first.more), (28, false));
    assert!(
        first
            .tickets
            .iter()
            .all(|t| ["Council", "Old wiki"].contains(&&*t.project.name))
    );
    assert_eq!(projects(&client).await.unwrap().projects.len(), 2);
    // What changes elsewhere is not asked for.
    let note = r#"{"issue":{"notes":"Nothing for the council."}}"#;
    let (status, _) = by_hand("PUT", "/issues/61.json", &key("anne"), note).await;
    assert_eq!(status, 204);
    assert!(Arc::ptr_eq(&first, &tickets(&client).await.0.unwrap()));

    let unknown = redmine(base(), &key("lookout"), &["atlantis"]);
    let failure = tickets(&unknown).await.0.unwrap_err();
    let FailureKind::WrongPlace { detail } = &failure.kind else {
        panic!("{failure:?}");
    };
    assert!(detail.contains("\"atlantis\""), "{detail}");

    let archived = redmine(base(), &key("lookout"), &["attic"]);
    let failure = tickets(&archived).await.0.unwrap_err();
    let FailureKind::Forbidden { right: Some(right) } = &failure.kind else {
        panic!("{failure:?}");
    };
    assert_eq!(&**right, "view the project attic");
}

#[tokio::test]
async fn what_a_reporter_may_not_see_is_refused_or_missing() {
    let _alone = alone().await;
    let mary = redmine(base(), &key("mary"), &[]);
    let seen = all(&mary).await;
    assert_eq!(seen.tickets.len(), 117, "no council, no private child");
    let failure = mary.detail(7).await.unwrap_err();
    assert!(
        matches!(&failure.kind, FailureKind::Forbidden { right: Some(right) } if **right == *"view issue #7"),
        "{failure:?}"
    );
    let failure = mary.detail(99_999).await.unwrap_err();
    assert!(
        matches!(failure.kind, FailureKind::Status { code: 404, .. }),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_stopped_server_is_unreachable_and_comes_back() {
    let _alone = alone().await;
    let server = address(&base());
    let open = Forwarder::open("127.0.0.1:0".parse().unwrap(), server).await;
    let at = open.at;
    let url = Url::parse(&format!("http://{at}")).unwrap();
    let client = redmine(url, &key("lookout"), &[]);
    let before = all(&client).await;
    assert_eq!(before.tickets.len(), SEEN);
    assert!(open.taken.load(Ordering::SeqCst) > 0);

    drop(open);
    for _ in 0..2 {
        let failure = tickets(&client).await.0.unwrap_err();
        assert!(
            matches!(failure.kind, FailureKind::Unreachable { .. }),
            "{failure:?}"
        );
        let failure = projects(&client).await.unwrap_err();
        assert!(
            matches!(failure.kind, FailureKind::Unreachable { .. }),
            "{failure:?}"
        );
    }

    let _open = Forwarder::open(at, server).await;
    let after = tickets(&client).await.0.unwrap();
    assert!(Arc::ptr_eq(&before, &after), "nothing was forgotten");
    assert_eq!(projects(&client).await.unwrap().projects.len(), 3);
}
