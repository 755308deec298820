//! A look-alike of Proxmox VE: 9.1 as `golem`, 3.4 as `pikachu`.
//!
//! Both speak the same protocol; what they know, what they call it and what they leave out differs.

mod access;
mod guests;
mod nodes;
mod resources;
mod work;

use std::time::Duration;

use serde_json::{Value, json};

use super::Server;
use super::answer::{Answer, NextRow};
use super::asked::Asked;
use super::trouble::Trouble;
use super::world::World;

pub(super) use access::{TOKEN, USER};

/// A request to one of the two, its credential accepted.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    world: &'a std::sync::Arc<World>,
    server: Server,
    asked: &'a Asked,
    now: i64,
    /// The credential lacks the privileges: lists are empty.
    blind: bool,
    /// This text ends every name.
    hostile: Option<&'a str>,
}

impl Call<'_> {
    /// Proxmox VE 3.4.
    fn old(&self) -> bool {
        self.server == Server::Pikachu
    }

    /// Name of the only node.
    fn node(&self) -> &str {
        &super::machines::machine(self.world, self.server).node
    }
}

/// Answers a request.
pub(super) fn answer(
    world: &std::sync::Arc<World>,
    server: Server,
    asked: &Asked,
    bend: Option<&Trouble>,
) -> Answer {
    let call = Call {
        world,
        server,
        asked,
        now: world.now(),
        blind: bend == Some(&Trouble::EmptyLists),
        hostile: match bend {
            Some(Trouble::Hostile(text)) => Some(text),
            _ => None,
        },
    };
    let path = asked.path();
    let ["api2", "json", path @ ..] = path.as_slice() else {
        return finish(no_such_file(&asked.segments.join("/")));
    };
    if asked.method == hyper::Method::HEAD {
        return finish(Answer::empty(501).reason("method 'HEAD' not available"));
    }
    if bend == Some(&Trouble::Unauthorized) {
        return finish(refuse("permission denied - invalid PVE ticket"));
    }
    if path == ["access", "ticket"] && asked.method == hyper::Method::POST {
        return finish(access::ticket(&call));
    }
    if path == ["access", "domains"] && asked.method == hyper::Method::GET {
        return finish(access::domains());
    }
    if let Err(refusal) = access::admit(&call) {
        return finish(refusal);
    }
    if asked.method != hyper::Method::GET {
        return finish(not_implemented(&call, path));
    }
    finish(route(&call, path))
}

fn route(call: &Call<'_>, path: &[&str]) -> Answer {
    let node = call.node();
    let allowed: &[&str] = match path {
        ["cluster", "resources"] => &["type"],
        ["nodes", _, "tasks"] if call.old() => &["start", "limit", "userfilter", "vmid", "errors"],
        ["nodes", _, "tasks"] => &[
            "start",
            "limit",
            "userfilter",
            "typefilter",
            "vmid",
            "errors",
            "source",
            "since",
            "until",
            "statusfilter",
        ],
        ["nodes", _, "tasks", _, "log"] => &["start", "limit"],
        ["nodes", _, "storage"] => &["content", "enabled", "storage", "target"],
        ["nodes", _, "storage", _, "content"] => &["content", "vmid"],
        [.., "rrddata"] => &["timeframe", "cf"],
        ["nodes", _, "qemu"] if !call.old() => &["full"],
        ["access", "permissions"] => &["path", "userid"],
        _ => &[],
    };
    if let Some((name, _)) = call
        .asked
        .query
        .iter()
        .find(|(name, _)| !allowed.contains(&name.as_str()))
    {
        return unknown_parameter(name);
    }
    if let ["nodes", named, ..] = path
        && *named != node
    {
        let reason = format!("hostname lookup '{named}' failed - failed to get address info");
        return failed(500, &reason);
    }
    let current = !call.old();
    match path {
        ["version"] => nodes::version(call),
        ["access", "permissions"] if current => access::permissions(call),
        ["cluster", "resources"] => resources::resources(call),
        ["cluster", "status"] => nodes::cluster_status(call),
        ["cluster", "tasks"] => work::cluster_tasks(call),
        ["nodes"] => nodes::nodes(call),
        ["nodes", _, "status"] => nodes::status(call),
        ["nodes", _, "storage"] => nodes::storages(call),
        ["nodes", _, "storage", storage, "content"] => nodes::content(call, storage),
        ["nodes", _, "rrddata"] => nodes::rrddata(call),
        ["nodes", _, "disks", "list"] if current => nodes::disks(),
        ["nodes", _, "apt", "update"] => {
            let path = format!("Permission check failed (/nodes/{node}, Sys.Modify)");
            failed(403, &path)
        }
        ["nodes", _, "tasks"] => work::node_tasks(call),
        ["nodes", _, "tasks", upid, "status"] => work::status(call, upid),
        ["nodes", _, "tasks", upid, "log"] => work::log(call, upid),
        ["nodes", _, "openvz"] if !current => guests::list(call, "openvz"),
        ["nodes", _, "lxc"] if current => guests::list(call, "lxc"),
        ["nodes", _, "qemu"] => guests::list(call, "qemu"),
        ["nodes", _, kind, vmid, rest @ ..]
            if *kind == "qemu" || *kind == if current { "lxc" } else { "openvz" } =>
        {
            guests::one(call, kind, vmid, rest).unwrap_or_else(|| not_implemented(call, path))
        }
        _ => not_implemented(call, path),
    }
}

/// Every answer's common manners: the server's name, and a closed connection after an error.
fn finish(answer: Answer) -> Answer {
    let answer = answer
        .header("server", "pve-api-daemon/3.0")
        .header("cache-control", "max-age=0");
    if answer.status >= 400 {
        answer.header("connection", "close")
    } else {
        answer
    }
}

/// `{"data": …}`
fn data(value: &Value) -> Answer {
    Answer::json(&json!({ "data": value }))
}

/// `{"data":[ … ]}`, made while it is sent.
fn list(next: NextRow) -> Answer {
    Answer::rows("{\"data\":[", "]}", next)
}

/// An error whose text is in the reason phrase, and since 8.4 in the body too.
fn failed(status: u16, reason: &str) -> Answer {
    let body = json!({ "data": null, "message": format!("{reason}\n") });
    Answer::new(status, "application/json;charset=UTF-8", body.to_string()).reason(reason)
}

/// 401: late, and without a body. The real one takes three seconds.
fn refuse(reason: &str) -> Answer {
    Answer::empty(401)
        .reason(reason)
        .after(Duration::from_millis(300))
}

fn not_implemented(call: &Call<'_>, path: &[&str]) -> Answer {
    let reason = format!(
        "Method '{} /{}' not implemented",
        call.asked.method,
        path.join("/")
    );
    let answer = Answer::new(501, "application/json;charset=UTF-8", r#"{"data":null}"#);
    answer.reason(reason)
}

fn unknown_parameter(name: &str) -> Answer {
    let body = json!({
        "data": null,
        "errors": { name: "property is not defined in schema and the schema does not allow additional properties" },
    });
    Answer::new(400, "application/json;charset=UTF-8", body.to_string())
        .reason("Parameter verification failed.")
}

fn no_such_file(path: &str) -> Answer {
    Answer::empty(404).reason(format!("no such file '/{path}'"))
}
