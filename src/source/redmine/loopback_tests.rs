//! The client against small servers that answer as Redmine does, and as it should not.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::config::shape::{Deadlines, Markup, Reach, Redmine, Trust};
use crate::config::{Secret, SecretSource};
use crate::domain::failure::FailureKind;
use crate::domain::ticket::{Projects, Tickets};
use crate::domain::{Batch, Bytes, Failure, Reading};
use crate::source::Client as _;

use super::Client;

const ME: &str = r#"{"user":{"id":7,"login":"lookout","firstname":"Look","lastname":"Out"}}"#;

/// Answers by path with query and by key.
type Answers = dyn Fn(&str, &str) -> (u16, String) + Send + Sync;

struct Server {
    url: url::Url,
    asked: Arc<Mutex<Vec<String>>>,
    /// Most requests that were open at once.
    most: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Server {
    async fn new(answers: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let most = Arc::new(AtomicUsize::new(0));
        let open = Arc::new(AtomicUsize::new(0));
        let answers: Arc<Answers> = Arc::new(answers);
        let (notes, highest) = (Arc::clone(&asked), Arc::clone(&most));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut each = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, notes) = (Arc::clone(&answers), Arc::clone(&notes));
                let (open, highest) = (Arc::clone(&open), Arc::clone(&highest));
                each.spawn(async move {
                    let now = open.fetch_add(1, Ordering::SeqCst) + 1;
                    highest.fetch_max(now, Ordering::SeqCst);
                    serve(stream, &*answers, &notes, &open).await;
                });
            }
        });
        Self {
            url: url.parse().unwrap(),
            asked,
            most,
            _tasks: tasks,
        }
    }

    fn client(&self, key: SecretSource, projects: &[&str]) -> Client {
        Client::new(
            "tickets",
            &Redmine {
                reach: Reach {
                    urls: vec![self.url.clone()],
                    trust: Trust::System,
                    tunnel: None,
                    deadlines: Deadlines::default(),
                    body_cap: Bytes(1 << 20),
                },
                key,
                projects: projects.iter().map(|&name| name.to_owned()).collect(),
                markup: Markup::Markdown,
                sections: Vec::new(),
            },
        )
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

async fn serve(
    mut stream: TcpStream,
    answers: &Answers,
    notes: &Mutex<Vec<String>>,
    open: &AtomicUsize,
) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        request.extend(piece.iter().take(read));
    }
    let request = String::from_utf8(request).unwrap();
    let path = request.split(' ').nth(1).unwrap().to_owned();
    let key = request
        .lines()
        .find_map(|line| line.strip_prefix("x-redmine-api-key: "))
        .unwrap_or_default();
    notes.lock().unwrap().push(path.clone());
    let (status, body) = answers(&path, key);
    // Long enough for a request that should wait to come too early.
    tokio::time::sleep(Duration::from_millis(5)).await;
    open.fetch_sub(1, Ordering::SeqCst);
    let head = format!(
        "HTTP/1.1 {status} Something\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

fn inline() -> SecretSource {
    SecretSource::Inline(Secret::new("good"))
}

/// An issue in JSON, changed at `minute` of a day.
fn issue(id: u64, project: u64, minute: u64) -> String {
    format!(
        r#"{{"id":{id},"project":{{"id":{project},"name":"P{project}"}},"status":{{"id":1,"name":"New","is_closed":false}},"subject":"s{id}","updated_on":"2026-11-01T{:02}:{:02}:00Z"}}"#,
        minute / 60,
        minute % 60
    )
}

fn list(issues: &[String], total: usize) -> (u16, String) {
    let body = format!(
        r#"{{"issues":[{}],"total_count":{total}}}"#,
        issues.join(",")
    );
    (200, body)
}

async fn tickets(client: &Client) -> Result<Arc<Tickets>, Failure> {
    match client.read(Reading::Tickets).await.outcome? {
        Batch::Tickets(tickets) => Ok(tickets),
        other => panic!("{other:?}"),
    }
}

async fn projects(client: &Client) -> Result<Arc<Projects>, Failure> {
    match client.read(Reading::Projects).await.outcome? {
        Batch::Projects(projects) => Ok(projects),
        other => panic!("{other:?}"),
    }
}

/// The value of a query parameter, decoded.
fn parameter(path: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(&format!("http://x{path}")).unwrap();
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_thousand_tickets_take_five_pages() {
    let server = Server::new(|path, _| {
        if path.starts_with("/users/current") {
            return (200, ME.to_owned());
        }
        if parameter(path, "updated_on").is_some() {
            return list(&[issue(1000, 1, 1000)], 1);
        }
        let offset: u64 = parameter(path, "offset").unwrap().parse().unwrap();
        let rows: Vec<String> = (offset..offset + 100)
            .map(|n| issue(1000 - n, 1, 1000 - n))
            .collect();
        list(&rows, 1000)
    })
    .await;
    let client = server.client(inline(), &[]);

    assert_eq!(tickets(&client).await.unwrap().tickets.len(), 100);
    let mut asked = server.asked();
    asked.sort_unstable();
    assert_eq!(
        asked,
        [
            "/issues.json?sort=updated_on:desc&limit=100&offset=0&status_id=*",
            "/users/current.json",
        ]
    );
    let all = tickets(&client).await.unwrap();
    assert_eq!((all.tickets.len(), all.more), (500, true));
    assert_eq!(
        server.asked(),
        [
            "/issues.json?sort=updated_on:desc&limit=100&offset=0&status_id=*&updated_on=%3E%3D2026%2D11%2D01T16%3A40%3A00Z",
            "/issues.json?sort=updated_on:desc&limit=100&offset=100&status_id=*",
            "/issues.json?sort=updated_on:desc&limit=100&offset=200&status_id=*",
            "/issues.json?sort=updated_on:desc&limit=100&offset=300&status_id=*",
            "/issues.json?sort=updated_on:desc&limit=100&offset=400&status_id=*",
        ]
    );
    tickets(&client).await.unwrap();
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_withdrawn_key_is_found_out_when_the_newest_ticket_is_missing() {
    let withdrawn = Arc::new(AtomicBool::new(false));
    let state = Arc::clone(&withdrawn);
    let server = Server::new(move |path, _| {
        let withdrawn = state.load(Ordering::SeqCst);
        match (path.starts_with("/users/current"), withdrawn) {
            (true, false) => (200, ME.to_owned()),
            (true, true) => (401, String::new()),
            // The public ticket is the older one.
            (false, false) => list(&[issue(2, 1, 20), issue(1, 1, 10)], 2),
            (false, true) => list(&[], 0),
        }
    })
    .await;
    let client = server.client(inline(), &[]);
    assert_eq!(tickets(&client).await.unwrap().tickets.len(), 2);
    withdrawn.store(true, Ordering::SeqCst);
    let failure = tickets(&client).await.unwrap_err();
    assert!(
        matches!(failure.kind, FailureKind::Unauthorized { .. }),
        "{failure:?}"
    );
    withdrawn.store(false, Ordering::SeqCst);
    assert_eq!(tickets(&client).await.unwrap().tickets.len(), 2);
}

#[tokio::test]
async fn a_renewed_key_is_fetched_after_a_refusal() {
    let server = Server::new(|path, key| match (key, path.starts_with("/users")) {
        ("good", true) => (200, ME.to_owned()),
        ("good", false) => list(&[issue(1, 1, 1)], 1),
        _ => (401, String::new()),
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("key");
    std::fs::write(&file, "old\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let client = server.client(SecretSource::File(file.clone()), &[]);
    let failure = tickets(&client).await.unwrap_err();
    assert!(
        matches!(&failure.kind, FailureKind::Unauthorized { credential, .. } if **credential == *"API key of tickets"),
        "{failure:?}"
    );
    std::fs::write(&file, "good\n").unwrap();
    assert_eq!(tickets(&client).await.unwrap().tickets.len(), 1);
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_never_sent() {
    let server = Server::new(|_, _| (200, ME.to_owned())).await;
    for (key, told) in [
        ("", "API key of tickets: it is empty"),
        (
            "schlüssel",
            "API key of tickets: it holds characters that no key has",
        ),
    ] {
        let client = server.client(SecretSource::Inline(Secret::new(key)), &[]);
        let failure = tickets(&client).await.unwrap_err();
        assert!(
            matches!(&failure.kind, FailureKind::Secret { detail } if **detail == *told),
            "{failure:?}"
        );
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_switched_off_api_and_a_wrong_place_are_told_apart() {
    for (status, wanted) in [(403, "REST API"), (404, "start page"), (406, "start page")] {
        let server = Server::new(move |_, _| (status, String::new())).await;
        let client = server.client(inline(), &[]);
        for failure in [
            tickets(&client).await.unwrap_err(),
            projects(&client).await.unwrap_err(),
            client.detail(1).await.unwrap_err(),
        ] {
            let told = match &failure.kind {
                FailureKind::Forbidden { right: Some(right) } => right,
                FailureKind::WrongPlace { detail } => detail,
                other => panic!("{other:?}"),
            };
            assert!(told.contains(wanted), "{told}");
        }
    }
}

#[tokio::test]
async fn a_filter_that_is_ignored_shows_nothing_else() {
    let server = Server::new(|path, _| {
        if path.starts_with("/users") {
            (200, ME.to_owned())
        } else if path.starts_with("/projects/ship%2Dyard.json") {
            let body = r#"{"project":{"id":3,"identifier":"ship-yard","name":"Shipyard"}}"#;
            (200, body.to_owned())
        } else {
            list(&[issue(9, 4, 9), issue(8, 3, 8), issue(7, 5, 7)], 3)
        }
    })
    .await;
    let client = server.client(inline(), &["ship-yard"]);
    let read = tickets(&client).await.unwrap();
    assert_eq!(read.tickets.iter().map(|t| t.id).collect::<Vec<_>>(), [8]);
    assert_eq!(read.skipped, 0, "left out, not broken");
    let asked = server.asked();
    let path = asked.last().unwrap();
    for (name, value) in [
        ("f[]", "status_id"),
        ("op[status_id]", "*"),
        ("op[project_id]", "="),
        ("v[project_id][]", "3"),
    ] {
        assert_eq!(parameter(path, name).as_deref(), Some(value), "{path}");
    }
    assert!(!path.contains(['[', ']', '|', '>']), "{path}");
}

#[tokio::test]
async fn a_wrong_answer_changes_nothing() {
    let turn = Arc::new(AtomicUsize::new(0));
    let state = Arc::clone(&turn);
    let server = Server::new(move |path, _| {
        if path.starts_with("/users") {
            return (200, ME.to_owned());
        }
        match state.load(Ordering::SeqCst) {
            0 | 5 => list(
                &[
                    issue(2, 1, 20),
                    r#"{"id":null}"#.to_owned(),
                    issue(1, 1, 10),
                ],
                3,
            ),
            1 => (200, r#"{"issues":[{"id":1"#.to_owned()),
            2 => (200, r#"{"projects":[]}"#.to_owned()),
            3 => (200, String::new()),
            _ => (500, "<html>sorry</html>".to_owned()),
        }
    })
    .await;
    let client = server.client(inline(), &[]);
    let before = tickets(&client).await.unwrap();
    assert_eq!((before.tickets.len(), before.skipped), (2, 1));
    for step in 1..=4 {
        turn.store(step, Ordering::SeqCst);
        let failure = tickets(&client).await.unwrap_err();
        assert!(
            matches!(
                failure.kind,
                FailureKind::Malformed { .. } | FailureKind::Status { code: 500, .. }
            ),
            "{step}: {failure:?}"
        );
    }
    turn.store(5, Ordering::SeqCst);
    assert!(Arc::ptr_eq(&before, &tickets(&client).await.unwrap()));
}

#[tokio::test]
async fn no_more_than_two_requests_are_open() {
    let server = Server::new(|path, _| {
        let body = match path.split(['?', '.']).next().unwrap() {
            "/users/current" => ME,
            "/issue_statuses" => r#"{"issue_statuses":[{"id":5,"name":"Closed","is_closed":true}]}"#,
            "/trackers" => r#"{"trackers":[]}"#,
            "/enumerations/issue_priorities" => r#"{"issue_priorities":[]}"#,
            "/projects" => r#"{"projects":[{"id":1,"name":"A","identifier":"a"},{"id":2,"name":"B","identifier":"b"}],"total_count":2}"#,
            "/projects/1/memberships" => return (403, String::new()),
            "/projects/2/memberships" => r#"{"memberships":[{"id":1,"user":{"id":7,"name":"Look Out"},"roles":[{"id":1,"name":"R"}]},{"id":2}],"total_count":2}"#,
            "/issues/5" => r#"{"issue":{"id":5,"status":{"id":5,"name":"Closed"},"subject":"five"}}"#,
            "/issues/6" => r#"{"issue":{"id":7}}"#,
            _ => return list(&[issue(1, 1, 1)], 1),
        };
        (200, body.to_owned())
    })
    .await;
    let client = server.client(inline(), &[]);
    let (read, listed, five, six) = tokio::join!(
        tickets(&client),
        projects(&client),
        client.detail(5),
        client.detail(6)
    );
    assert_eq!(read.unwrap().tickets.len(), 1);
    let listed = listed.unwrap();
    let members: Vec<_> = listed
        .projects
        .iter()
        .map(|project| project.members.as_ref().map(Vec::len))
        .collect();
    assert_eq!(members, [None, Some(1)], "one may not be read");
    assert_eq!(&*listed.me.as_ref().unwrap().name, "Look Out");
    assert_eq!(&*five.unwrap().ticket.subject, "five");
    let failure = six.unwrap_err();
    assert!(
        matches!(&failure.kind, FailureKind::Malformed { detail } if **detail == *"issue #7 came instead of #6"),
        "{failure:?}"
    );
    assert!(server.most.load(Ordering::SeqCst) <= 2);

    // Statuses are known now, so an old server's closed tickets are closed.
    assert_eq!(client.detail(5).await.unwrap().ticket.closed, Some(true));
    // Nothing is read again so soon but whose key it is.
    server.asked();
    assert!(Arc::ptr_eq(&listed, &projects(&client).await.unwrap()));
    assert_eq!(server.asked(), ["/users/current.json"]);
}

#[tokio::test]
async fn another_reading_is_a_bug_not_a_panic() {
    let server = Server::new(|_, _| (200, ME.to_owned())).await;
    let client = server.client(inline(), &[]);
    let failure = client.read(Reading::Probes).await.outcome.unwrap_err();
    assert!(
        matches!(failure.kind, FailureKind::Bug { .. }),
        "{failure:?}"
    );
}
