//! The 149 exchanges recorded with Proxmox VE 6.2.

use serde_json::value::RawValue;

use super::*;

/// An exchange of `pve6.2-fog-vcr`: request, status, reason, headers and body in one file.
#[derive(serde::Deserialize)]
pub struct Exchange {
    method: String,
    path: String,
    status: u16,
    reason: String,
    response_headers: std::collections::BTreeMap<String, String>,
    body: Box<RawValue>,
    raw_body: Option<String>,
}

impl Exchange {
    /// All of them, sorted by number.
    pub fn all(directory: &Path) -> Vec<(u32, Self)> {
        let mut all: Vec<_> = std::fs::read_dir(directory.join("pve6.2-fog-vcr"))
            .unwrap()
            .filter_map(|entry| {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                let number = name.split('_').next()?.parse().ok()?;
                let text = std::fs::read(entry.path()).unwrap();
                Some((number, serde_json::from_slice(&text).unwrap()))
            })
            .collect();
        all.sort_by_key(|(number, _)| *number);
        all
    }

    /// The body as it was sent.
    pub fn body(&self) -> &[u8] {
        match &self.raw_body {
            Some(raw) => raw.as_bytes(),
            None => self.body.get().as_bytes(),
        }
    }

    fn answer(&self) -> Answer {
        let canonical = matches!(self.reason.as_str(), "OK" | "");
        Answer {
            status: self.status,
            reason: (!canonical).then(|| Text::clean(&self.reason)),
            headers: reqwest::header::HeaderMap::new(),
            body: bytes::Bytes::copy_from_slice(self.body()),
            asked: Text::clean(&format!("{} /api2/json{}", self.method, self.path)),
        }
    }
}

#[test]
fn the_exchanges_with_6_2() {
    let Some(directory) = recorded() else { return };
    let all = Exchange::all(&directory);
    assert_eq!(all.len(), 149);
    let find = |number: u32| {
        all.iter()
            .find(|(n, _)| *n == number)
            .map(|(_, exchange)| exchange)
            .unwrap()
    };

    let mut names = Names::default();
    let resources = parse_resources(find(16).body(), &mut names).unwrap();
    assert_eq!(nodes(&resources), [("pve", NodeState::Online, false)]);
    assert_eq!(
        resources.nodes[0].uptime.map(|uptime| uptime.as_secs()),
        Some(818)
    );
    assert_eq!(resources.nodes[0].memory_total, Some(Bytes(2_083_995_648)));
    assert_eq!(
        parse_online_nodes(find(17).body()).unwrap(),
        [Text::clean("pve")]
    );

    let (version, numbers) = parse_version(find(77).body()).unwrap();
    assert_eq!(version.as_deref(), Some("6.2-4"));
    assert_eq!(numbers, Some(Version { major: 6, minor: 2 }));

    let rights = parse_rights(find(6).body()).unwrap();
    assert!(rights.known);
    assert_eq!(rights.missing.len(), 3);

    let now = Moment::from_rfc3339("2020-11-25T13:31:00Z").unwrap();
    let date = &find(77).response_headers["Date"];
    assert_eq!(cluster::clock_ahead(date, now), Some(10));

    // The second asked what the user may do, which answers without a ticket.
    for (number, has_ticket) in [(96, true), (97, false)] {
        let body = std::str::from_utf8(find(number).body()).unwrap();
        let answer: TicketAnswer<'_> = wire::object(body).unwrap();
        let ticket = answer.ticket.get().unwrap_or_default();
        assert_eq!(ticket.starts_with("PVE:root@pam:"), has_ticket, "{number}");
        assert!(
            ticket
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b';')
        );
    }
}

#[test]
fn the_task_lists_of_6_2() {
    let Some(directory) = recorded() else { return };
    let mut seen = Vec::new();
    for (number, exchange) in Exchange::all(&directory) {
        if exchange.method != "GET" || !exchange.path.ends_with("/tasks") {
            continue;
        }
        let tasks = parse_tasks(exchange.body()).unwrap();
        assert!(tasks.is_sorted_by(|a, b| a.started >= b.started));
        for task in &tasks {
            let upid = read::tasks::Upid::parse(&task.upid).unwrap();
            assert_eq!(upid.node, &*task.node);
            assert_eq!(upid.kind, &*task.kind);
            assert_eq!(upid.user, &*task.user);
            assert_eq!(Moment::from_unix(upid.started), task.started);
            assert!(task.ended >= task.started);
        }
        let failed = tasks
            .iter()
            .filter(|task| matches!(task.end, TaskEnd::Failed(_)))
            .count();
        let running = tasks
            .iter()
            .filter(|task| task.end == TaskEnd::Running)
            .count();
        seen.push((number, tasks.len(), failed, running));
    }
    assert_eq!(seen, TASK_LISTS);
}

/// Number of the exchange, tasks, failed ones, running ones.
const TASK_LISTS: [(u32, usize, usize, usize); 4] = [
    (21, 50, 4, 0),
    (59, 50, 3, 0),
    (60, 50, 4, 0),
    (61, 1, 1, 0),
];

#[test]
fn the_refusals_of_6_2() {
    let Some(directory) = recorded() else { return };
    let mut refused = Vec::new();
    for (number, exchange) in Exchange::all(&directory) {
        if let Err(failure) = refusal::check(&exchange.answer(), "token x") {
            let words = match failure.kind {
                FailureKind::Unauthorized { reason, .. } | FailureKind::Status { reason, .. } => {
                    reason.map(|reason| reason.to_string())
                }
                other => unreachable!("{number}: {other:?}"),
            };
            refused.push((number, exchange.status, words.unwrap_or_default()));
        }
    }
    let find = |number: u32| refused.iter().find(|refused| refused.0 == number).unwrap();
    assert_eq!(find(13), &(13, 401, "invalid token value!".to_owned()));
    assert_eq!(find(98), &(98, 401, "authentication failure".to_owned()));
    assert_eq!(
        find(33),
        &(
            33,
            500,
            "Configuration file 'nodes/pve/lxc/101.conf' does not exist".to_owned()
        )
    );
    assert!(
        find(15).2.starts_with("Parameter verification failed."),
        "{}",
        find(15).2
    );
    assert!(find(15).2.contains("vmid"), "{}", find(15).2);
    let numbers: Vec<u32> = refused.iter().map(|refused| refused.0).collect();
    assert_eq!(
        numbers,
        [13, 15, 33, 55, 80, 81, 87, 92, 98, 100, 112, 122, 126, 146]
    );
}
