//! Tasks: what runs, what ran, and how it ended.

use serde_json::{Value, json};

use super::resources::merge;
use super::{Call, data};
use crate::demo::answer::Answer;
use crate::demo::tasks::{self, Task};

/// Most tasks of a node in `/cluster/tasks`.
const CLUSTER_CAP: usize = 25;

/// `GET /cluster/tasks`: at most 25 a node, running ones first.
pub(super) fn cluster_tasks(call: &Call<'_>) -> Answer {
    if call.blind {
        return data(&json!([]));
    }
    let mut tasks = tasks::tasks(call.world, call.server, call.now);
    tasks.sort_by_key(|task| task.end.is_some());
    tasks.truncate(CLUSTER_CAP);
    let rows: Vec<Value> = tasks
        .iter()
        .map(|task| {
            let mut row = row(task);
            // Text, of all things.
            let saved = if task.end.is_some() { "1" } else { "0" };
            merge(&mut row, json!({ "saved": saved }));
            if task.end.is_some()
                && let Some(object) = row.as_object_mut()
            {
                object.remove("pid");
                object.remove("pstart");
            }
            row
        })
        .collect();
    data(&json!(rows))
}

/// `GET /nodes/{node}/tasks`: finished ones unless asked otherwise, newest first, 50 at a time.
pub(super) fn node_tasks(call: &Call<'_>) -> Answer {
    let asked = call.asked;
    if call.blind {
        return Answer::json(&json!({"data": [], "total": 0}));
    }
    let source = asked.value("source").unwrap_or("archive");
    let failed_only = asked.value("errors") == Some("1");
    let wanted: Vec<Task> = tasks::tasks(call.world, call.server, call.now)
        .into_iter()
        .filter(|task| match source {
            "all" => true,
            "active" => task.end.is_none(),
            _ => task.end.is_some(),
        })
        .filter(|task| asked.value("vmid").is_none_or(|vmid| vmid == task.id))
        .filter(|task| {
            asked
                .value("typefilter")
                .is_none_or(|kind| kind == task.kind)
        })
        .filter(|task| {
            asked
                .value("userfilter")
                .is_none_or(|user| task.user.contains(user))
        })
        .filter(|task| {
            asked
                .number("since")
                .is_none_or(|since| task.start >= since)
        })
        .filter(|task| {
            asked
                .number("until")
                .is_none_or(|until| task.start <= until)
        })
        .filter(|task| !failed_only || (task.end.is_some() && task.status != "OK"))
        .collect();
    let place = |name: &str| asked.number(name).and_then(|n| usize::try_from(n).ok());
    let rows: Vec<Value> = wanted
        .iter()
        .skip(place("start").unwrap_or(0))
        .take(place("limit").unwrap_or(50))
        .map(row)
        .collect();
    Answer::json(&json!({"data": rows, "total": wanted.len()}))
}

/// `GET /nodes/{node}/tasks/{upid}/status`
pub(super) fn status(call: &Call<'_>, upid: &str) -> Answer {
    let Some(task) = find(call, upid) else {
        return unknown();
    };
    let mut row = row(&task);
    merge(
        &mut row,
        if task.end.is_some() {
            json!({"status": "stopped", "exitstatus": task.status})
        } else {
            json!({"status": "running"})
        },
    );
    if let Some(object) = row.as_object_mut() {
        object.remove("endtime");
    }
    data(&row)
}

/// `GET /nodes/{node}/tasks/{upid}/log`
pub(super) fn log(call: &Call<'_>, upid: &str) -> Answer {
    let Some(task) = find(call, upid) else {
        return unknown();
    };
    let mut lines = match task.kind.as_str() {
        "vzdump" => vec![
            format!("INFO: starting new backup job: vzdump {}", task.id),
            format!("INFO: Starting Backup of VM {} (lxc)", task.id),
            "INFO: status = running".to_owned(),
            "INFO: backup mode: snapshot".to_owned(),
            "INFO: creating vzdump archive".to_owned(),
        ],
        kind => vec![format!("{kind} {}", task.id)],
    };
    match task.status.as_str() {
        "" => {}
        "OK" => lines.push("TASK OK".to_owned()),
        text if text.starts_with("WARNINGS") => lines.push(format!("TASK {text}")),
        text => lines.push(format!("TASK ERROR: {text}")),
    }
    let place = |name: &str| {
        call.asked
            .number(name)
            .and_then(|n| usize::try_from(n).ok())
    };
    let rows: Vec<Value> = lines
        .iter()
        .enumerate()
        .skip(place("start").unwrap_or(0))
        .take(place("limit").filter(|limit| *limit > 0).unwrap_or(50))
        .map(|(place, text)| json!({"n": place + 1, "t": text}))
        .collect();
    Answer::json(&json!({"data": rows, "total": lines.len()}))
}

fn find(call: &Call<'_>, upid: &str) -> Option<Task> {
    tasks::tasks(call.world, call.server, call.now)
        .into_iter()
        .find(|task| task.upid() == upid)
}

fn unknown() -> Answer {
    let body = json!({"data": null, "errors": {"upid": "no such task"}});
    Answer::new(400, "application/json;charset=UTF-8", body.to_string())
        .reason("Parameter verification failed.")
}

fn row(task: &Task) -> Value {
    let (user, token) = match task.user.split_once('!') {
        Some((user, token)) => (user, Some(token)),
        None => (task.user.as_str(), None),
    };
    let mut row = json!({
        "upid": task.upid(),
        "node": task.node,
        "type": task.kind,
        "id": task.id,
        "user": user,
        "starttime": task.start,
        "pid": task.pid(),
        "pstart": task.pid() * 3,
    });
    if let Some(token) = token {
        merge(&mut row, json!({ "tokenid": token }));
    }
    if let Some(end) = task.end {
        merge(&mut row, json!({"endtime": end, "status": task.status}));
    }
    row
}
