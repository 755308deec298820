//! `GET /cluster/tasks`, and the UPIDs by which tasks are named.

use std::collections::HashSet;

use crate::domain::task::{Task, TaskEnd};
use crate::domain::{Failure, Moment, Text};

use super::super::wire::{self, TaskRow};

/// What a UPID tells: `UPID:node:PID:PSTART:START:type:id:user:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upid<'a> {
    /// Node it runs on.
    pub node: &'a str,
    /// When it began, Unix seconds.
    pub started: i64,
    /// `vzdump`, `qmstart`, ….
    pub kind: &'a str,
    /// Mostly a VMID; may be empty.
    pub subject: &'a str,
    /// With the name of the token, if one did it.
    pub user: &'a str,
}

impl<'a> Upid<'a> {
    /// `None` when it is none.
    pub fn parse(upid: &'a str) -> Option<Self> {
        let mut parts = upid.strip_prefix("UPID:")?.split(':');
        let mut part = || parts.next();
        let (node, pid, pstart, start) = (part()?, part()?, part()?, part()?);
        let (kind, subject, user) = (part()?, part()?, part()?);
        let is_hex =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if node.is_empty() || kind.is_empty() || !is_hex(pid) || !is_hex(pstart) {
            return None;
        }
        Some(Self {
            node,
            started: i64::from_str_radix(start, 16).ok()?,
            kind,
            subject,
            user,
        })
    }
}

/// Reads the body of `GET /cluster/tasks`, newest first. Rows that make no sense are left out.
///
/// # Errors
/// The body is not whole, not JSON or has no list of rows.
pub fn parse_tasks(body: &[u8]) -> Result<Vec<Task>, Failure> {
    let text = String::from_utf8_lossy(body);
    let mut tasks = Vec::new();
    let mut seen = HashSet::new();
    wire::for_each_row(&text, |row: TaskRow<'_>| {
        let Some(task) = task(&row) else {
            return false;
        };
        let is_new = seen.insert(task.upid.clone());
        if is_new {
            tasks.push(task);
        }
        is_new
    })?;
    tasks.sort_by(|a, b| b.started.cmp(&a.started).then_with(|| a.upid.cmp(&b.upid)));
    Ok(tasks)
}

fn task(row: &TaskRow<'_>) -> Option<Task> {
    let upid = row.upid.get()?;
    let parsed = Upid::parse(upid);
    let node = row.node.get().or_else(|| parsed.map(|upid| upid.node))?;
    let kind = row.kind.get().or_else(|| parsed.map(|upid| upid.kind))?;
    let subject = row.id.get().or_else(|| parsed.map(|upid| upid.subject));
    let started = row
        .starttime
        .0
        .and_then(|seconds| i64::try_from(seconds).ok())
        .or_else(|| parsed.map(|upid| upid.started));
    let ended = row
        .endtime
        .0
        .and_then(|seconds| i64::try_from(seconds).ok());
    Some(Task {
        upid: Text::clean(upid),
        node: Text::clean_non_empty(node)?,
        kind: Text::clean_non_empty(kind)?,
        subject: subject.and_then(Text::clean_non_empty),
        user: user(row, parsed),
        started: started.and_then(Moment::from_unix),
        ended: ended.and_then(Moment::from_unix),
        end: end(row),
    })
}

/// Who did it, with the name of the token: the list splits it off, the UPID keeps it.
fn user(row: &TaskRow<'_>, upid: Option<Upid<'_>>) -> Text {
    match (row.user.get(), row.tokenid.get()) {
        (Some(user), Some(token)) if !user.contains('!') => Text::clean(&format!("{user}!{token}")),
        (Some(user), _) => Text::clean(user),
        (None, _) => Text::clean(upid.map_or("", |upid| upid.user)),
    }
}

fn end(row: &TaskRow<'_>) -> TaskEnd {
    match row.status.get().map(str::trim) {
        None | Some("") if row.endtime.0.is_none() => TaskEnd::Running,
        None | Some("" | "unexpected status") => TaskEnd::Unknown,
        Some("RUNNING") => TaskEnd::Running,
        Some("OK") => TaskEnd::Ok,
        Some(text) if text.starts_with("WARNINGS:") => TaskEnd::Warnings(Text::clean(text)),
        Some(text) => TaskEnd::Failed(Text::clean(text)),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn upids_are_taken_apart() {
        let upid =
            Upid::parse("UPID:pve1:00396F97:169CFB7D:687A6F08:vzstart:200:vigie@pve!tui:").unwrap();
        assert_eq!(
            upid,
            Upid {
                node: "pve1",
                started: 1_752_854_280,
                kind: "vzstart",
                subject: "200",
                user: "vigie@pve!tui",
            }
        );
        // 497 days of uptime give a ninth digit; the id may be empty.
        let upid = Upid::parse("UPID:old1:0009D2B1:17B8F1C2E:5864FA20:vzdump::root@pam:").unwrap();
        assert_eq!((upid.kind, upid.subject), ("vzdump", ""));
        for wrong in [
            "",
            "UPID:",
            "UPID:a:b:c",
            "UPID:n:zz:1:1:t:i:u:",
            "UPID:n:1:1:x:t:i:u:",
        ] {
            assert_eq!(Upid::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ends_are_told_apart_and_the_newest_comes_first() {
        let tasks = parse_tasks(
            br#"{"data":[
            {"upid":"UPID:p:00000001:00000001:687A6F07:qmshutdown:100:root@pam:","node":"p","starttime":1752854279,"endtime":1752854281,"type":"qmshutdown","id":"100","user":"root@pam","status":"OK","saved":"1"},
            {"upid":"UPID:p:00000002:00000001:6A650984:vzdump::root@pam:","node":"p","pid":2,"starttime":1785006468,"type":"vzdump","id":"","user":"root@pam","saved":"0"},
            {"upid":"UPID:p:00000003:00000001:687A6F08:vzstart:200:v@pve!tui:","node":"p","starttime":"1752854280","endtime":1752854290,"type":"vzstart","id":200,"user":"v@pve","tokenid":"tui","status":"startup \u001b[31mfailed"},
            {"upid":"UPID:p:00000004:00000001:687A6F09:vzdump::root@pam:","endtime":1752854290,"status":"WARNINGS: 2"},
            {"upid":"UPID:p:00000005:00000001:687A6F0A:qmigrate:104:root@pam:","endtime":1752854290,"status":"unexpected status"},
            {"upid":"UPID:p:00000005:00000001:687A6F0A:qmigrate:104:root@pam:","endtime":1752854290,"status":"OK"},
            {"node":"p","type":"no upid"}, null
            ]}"#,
        )
        .unwrap();
        let ends: Vec<_> = tasks
            .iter()
            .map(|task| (&*task.kind, task.end.clone()))
            .collect();
        assert_eq!(
            ends,
            [
                ("vzdump", TaskEnd::Running),
                ("qmigrate", TaskEnd::Unknown),
                ("vzdump", TaskEnd::Warnings("WARNINGS: 2".into())),
                ("vzstart", TaskEnd::Failed("startup ␛[31mfailed".into())),
                ("qmshutdown", TaskEnd::Ok),
            ]
        );
        assert_eq!(&*tasks[3].user, "v@pve!tui");
        assert_eq!(tasks[3].vmid(), Some(200));
        assert_eq!(tasks[2].node.as_str(), "p");
        assert_eq!(tasks[0].subject, None);
        assert_eq!(tasks[0].ended, None);
        assert_eq!(tasks[4].started, Moment::from_unix(1_752_854_279));
    }
}
