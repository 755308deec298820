//! A look-alike of Checkmk 2.3.0p20 raw, site `look`: REST API 1.0, lists by GET with columns and query.
//!
//! POST on the lists answers 405, as that release does; [`Trouble::OnlyPost`] turns it round, as 3.0 does.

mod hosts;
mod metric;
mod pattern;
mod query;
mod services;
mod shelf;
mod table;

use std::sync::Arc;

use hyper::Method;
use serde_json::{Value, json};

use super::answer::{Answer, Step};
use super::asked::Asked;
use super::noise;
use super::trouble::Trouble;
use super::world::World;
use query::Query;
use table::{Columns, Table};

pub(super) use shelf::{Shelf, expand};

/// Name of the site.
pub(super) const SITE: &str = "look";

/// The automation user.
pub(super) const USER: &str = "automation";

/// Rows that are looked at in one go: a million of them must not hold up the screen of the demo.
const BREATH: usize = 1000;

/// A request, its credential accepted.
struct Call<'a> {
    world: &'a Arc<World>,
    asked: &'a Asked,
    now: i64,
    bend: Option<&'a Trouble>,
}

/// Answers a request.
pub(super) fn answer(world: &Arc<World>, asked: &Asked, bend: Option<&Trouble>) -> Answer {
    let path = asked.path();
    let [SITE, "check_mk", "api", "1.0" | "v1", path @ ..] = path.as_slice() else {
        // The system's Apache answers for a site that is not there.
        return Answer::new(
            404,
            "text/html; charset=iso-8859-1",
            "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n\
             </head><body>\n<h1>Not Found</h1>\n</body></html>\n",
        );
    };
    if asked.header("accept").is_none() {
        return problem(406, "Not Acceptable", "Please specify an Accept Header.");
    }
    let expected = format!("Bearer {USER} {}", world.secrets.automation);
    if bend == Some(&Trouble::Unauthorized)
        || asked.header("authorization") != Some(expected.as_str())
    {
        return problem(401, "Wrong credentials (Bearer header)", "");
    }
    let call = Call {
        world,
        asked,
        now: world.now(),
        bend,
    };
    route(&call, path)
        .header("x-checkmk-version", "2.3.0p20")
        .header("x-checkmk-edition", "cre")
}

fn route(call: &Call<'_>, path: &[&str]) -> Answer {
    let get = call.asked.method == Method::GET;
    match path {
        ["version"] if get => Answer::json(&json!({
            "site": SITE, "group": SITE, "rest_api": {"revision": "0"},
            "versions": {
                "apache": [2, 4, 58], "checkmk": "2.3.0p20.cre",
                "python": "3.12.3 (main, Sep 10 2024, 10:02:41) [GCC 13.2.0]",
                "mod_wsgi": [4, 9, 4], "wsgi": [1, 0],
            },
            "edition": "raw", "demo": false,
        })),
        ["domain-types", "host", "collections", "all"] => {
            collection::<hosts::HostTable>(call, None)
        }
        ["domain-types", "service", "collections", "all"] => {
            collection::<services::ServiceTable>(call, None)
        }
        ["objects", "host", name] if get => one_host(call, name),
        ["objects", "host", name, "collections", "services"] => {
            if hosts::place(call.world, name).is_none() {
                return unknown_host(name);
            }
            collection::<services::ServiceTable>(call, Some(name))
        }
        ["objects", "host", name, "actions", "show_service", "invoke"] if get => {
            one_service(call, name)
        }
        ["domain-types", "metric", "actions", "get", "invoke"]
            if call.asked.method == Method::POST =>
        {
            metric::answer(call)
        }
        ["domain-types", "site_connection", "collections", "all"] => problem(
            403,
            "Forbidden",
            "We are sorry, but you lack the permission for this operation. If you do not like this then please \
             ask your administrator to provide you with the following permission: 'wato.sites'.",
        ),
        _ => problem(
            404,
            "Not Found",
            "The requested URL was not found on the server.",
        ),
    }
}

/// A list of hosts or services.
fn collection<T: Table>(call: &Call<'_>, host: Option<&str>) -> Answer {
    let only_post = call.bend == Some(&Trouble::OnlyPost);
    let offered = if only_post { Method::POST } else { Method::GET };
    if call.asked.method != offered {
        return problem(
            405,
            "Method Not Allowed",
            "The method is not allowed for the requested URL.",
        )
        .header("allow", offered.to_string());
    }
    let read = if only_post {
        from_body(call)
    } else {
        from_query(call)
    };
    let (names, query, sites, host_name) = match read {
        Ok(read) => read,
        Err(answer) => return answer,
    };
    let columns = match columns::<T>(call, &names) {
        Ok(columns) => columns,
        Err(answer) => return answer,
    };
    let query = match query {
        None => Query::All,
        Some(value) => match Query::read::<T>(&value) {
            Ok(query) => query,
            Err(detail) => return field_problem("query", &json!([detail])),
        },
    };
    let elsewhere = !sites.is_empty() && !sites.iter().any(|site| site == SITE);
    let host = host.map(str::to_owned).or(host_name);
    let hostile = match call.bend {
        Some(Trouble::Hostile(text)) => Some(text.clone()),
        _ => None,
    };
    let blind = call.bend == Some(&Trouble::EmptyLists) || elsewhere;
    let world = Arc::clone(call.world);
    let now = call.now;
    let mut place = 0;
    let end = if blind { 0 } else { T::count(&world) };
    let head = format!(
        r#"{{"links":[],"domainType":"{}","id":"{}","value":["#,
        T::DOMAIN,
        T::COLLECTION
    );
    Answer::rows(
        &head,
        r#"],"extensions":{}}"#,
        Box::new(move |out| {
            let pause = place + BREATH;
            while place < end {
                if place >= pause {
                    return Step::Pause;
                }
                let row = T::row(&world, place, now, hostile.as_deref());
                place += 1;
                if host.as_deref().is_some_and(|host| T::host(&row) != host) {
                    continue;
                }
                if query.wants::<T>(&row) {
                    write_item::<T>(out, &row, &columns);
                    return Step::Row;
                }
            }
            Step::End
        }),
    )
}

/// What a list request asks for: columns, query, sites, host.
type Wanted = (Vec<String>, Option<Value>, Vec<String>, Option<String>);

fn from_query(call: &Call<'_>) -> Result<Wanted, Answer> {
    const KNOWN: [&str; 4] = ["columns", "query", "sites", "host_name"];
    if let Some((name, _)) = call
        .asked
        .query
        .iter()
        .find(|(name, _)| !KNOWN.contains(&name.as_str()))
    {
        return Err(field_problem(name, &json!(["Unknown field."])));
    }
    let all = |name: &str| call.asked.values(name).map(str::to_owned).collect();
    let query = match call.asked.value("query") {
        None | Some("") => None,
        Some(text) => Some(parse_query(text)?),
    };
    Ok((
        all("columns"),
        query,
        all("sites"),
        call.asked.value("host_name").map(str::to_owned),
    ))
}

fn from_body(call: &Call<'_>) -> Result<Wanted, Answer> {
    let kind = call.asked.header("content-type").unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(problem(
            415,
            "Content type not valid for this endpoint.",
            "No content-type specified. Possible value is: application/json",
        ));
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(&call.asked.body) else {
        return Err(problem(
            400,
            "Bad Request",
            "Could not decode the request body.",
        ));
    };
    let texts = |name: &str| {
        let list = body.get(name).and_then(Value::as_array);
        list.map(|list| {
            list.iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default()
    };
    let query = match body.get("query") {
        None => None,
        Some(Value::String(text)) => Some(parse_query(text)?),
        Some(value) => Some(value.clone()),
    };
    let host = body.get("host_name").and_then(Value::as_str);
    Ok((
        texts("columns"),
        query,
        texts("sites"),
        host.map(str::to_owned),
    ))
}

fn parse_query(text: &str) -> Result<Value, Answer> {
    serde_json::from_str(text)
        .map_err(|_| field_problem("query", &json!(["Not a valid JSON string."])))
}

/// The columns that are asked for; the first unknown one fails the request.
fn columns<T: Table>(call: &Call<'_>, names: &[String]) -> Result<Columns<T::Column>, Answer> {
    let mut columns = T::ALWAYS
        .iter()
        .filter_map(|name| T::column(name))
        .collect::<Vec<_>>();
    for (place, name) in names.iter().enumerate() {
        let missing = matches!(call.bend, Some(Trouble::Without(column)) if column == name);
        let Some(column) = T::column(name).filter(|_| !missing) else {
            let detail = format!("Unknown column: {}.{name}", T::TABLE);
            let place = place.to_string();
            return Err(field_problem("columns", &json!({ place: [detail] })));
        };
        if !columns.iter().any(|(known, _)| *known == column.0) {
            columns.push(column);
        }
    }
    Ok(columns)
}

fn one_host(call: &Call<'_>, name: &str) -> Answer {
    let Some(place) = hosts::place(call.world, name) else {
        return unknown_host(name);
    };
    let names: Vec<String> = call.asked.values("columns").map(str::to_owned).collect();
    let columns = match columns::<hosts::HostTable>(call, &names) {
        Ok(columns) => columns,
        Err(answer) => return answer,
    };
    let row = hosts::HostTable::row(call.world, place, call.now, None);
    let mut out = Vec::new();
    write_item::<hosts::HostTable>(&mut out, &row, &columns);
    Answer::new(200, "application/json", out)
}

fn one_service(call: &Call<'_>, host: &str) -> Answer {
    let wanted = call.asked.value("service_description").unwrap_or_default();
    let count = services::ServiceTable::count(call.world);
    let found = (0..count)
        .map(|place| services::ServiceTable::row(call.world, place, call.now, None))
        .find(|row| services::ServiceTable::host(row) == host && row.name() == wanted);
    let Some(row) = found else {
        return problem(
            404,
            "The requested service was not found",
            &format!("The service name {wanted} did not match any service"),
        );
    };
    // `columns` came with 2.4; the plugin's output is not among the defaults.
    let names = [
        "host_name",
        "description",
        "state",
        "state_type",
        "last_check",
    ];
    let columns = names
        .iter()
        .filter_map(|name| services::ServiceTable::column(name))
        .collect();
    let mut out = Vec::new();
    write_item::<services::ServiceTable>(&mut out, &row, &columns);
    Answer::new(200, "application/json", out)
}

/// An item with its frame: about 500 bytes whatever the columns, as the real one.
fn write_item<T: Table>(out: &mut Vec<u8>, row: &T::Row<'_>, columns: &Columns<T::Column>) {
    let frame = json!({
        "links": [{
            "domainType": "link",
            "rel": T::REL,
            "href": T::href(row),
            "method": "GET",
            "type": "application/json",
            "title": format!("Show the {} {}", T::DOMAIN, T::title(row)),
        }],
        "domainType": T::DOMAIN,
        "id": T::id(row),
        "title": T::title(row),
        "members": {},
    })
    .to_string();
    out.extend_from_slice(frame.strip_suffix('}').unwrap_or(&frame).as_bytes());
    out.extend_from_slice(b",\"extensions\":{");
    for (place, (name, column)) in columns.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        T::cell(row, *column).write(out);
    }
    out.extend_from_slice(b"}}");
}

fn problem(status: u16, title: &str, detail: &str) -> Answer {
    let body = json!({"title": title, "status": status, "detail": detail});
    Answer::new(status, "application/problem+json", body.to_string())
}

fn field_problem(name: &str, detail: &Value) -> Answer {
    let body = json!({
        "title": "Bad Request",
        "status": 400,
        "detail": format!("These fields have problems: {name}"),
        "fields": { name: detail },
    });
    Answer::new(400, "application/problem+json", body.to_string())
}

fn unknown_host(name: &str) -> Answer {
    problem(
        404,
        "Not found",
        &format!("Host {name} is not monitored or you do not have permission to see it."),
    )
}

/// A value for the figures in an output: wobbles, the same for the same service and moment.
fn wobble(host: &str, service: &str, now: i64, low: f64, high: f64) -> f64 {
    let step = now - now.rem_euclid(5);
    noise::between(noise::key(host) ^ noise::key(service), step, low, high)
}
