//! `POST /domain-types/metric/actions/get/invoke`: a metric of a service over time.

use serde_json::{Value, json};

use super::services::ServiceTable;
use super::table::Table as _;
use super::{Call, field_problem, problem};
use crate::demo::answer::Answer;
use crate::demo::noise::{between, key};
use crate::demo::past::busy;
use crate::domain::Moment;

/// Metrics that the lab has: plug-in, name in the history, least and greatest value.
const METRICS: [(&str, &str, f64, f64); 9] = [
    ("check_mk-kernel_util", "util", 1.0, 35.0),
    ("check_mk-cpu_loads", "load1", 0.05, 2.4),
    ("check_mk-mem_linux", "mem_used_percent", 38.0, 52.0),
    ("check_mk-df", "fs_used_percent", 61.0, 62.5),
    ("check_mk-lnx_if", "if_in_bps", 20_000.0, 6_000_000.0),
    ("check_mk-lnx_if", "if_out_bps", 40_000.0, 2_000_000.0),
    ("check_mk-diskstat", "disk_read_throughput", 0.0, 900_000.0),
    (
        "check_mk-diskstat",
        "disk_write_throughput",
        0.0,
        4_000_000.0,
    ),
    ("check-mk-ping", "rta", 0.2, 3.0),
];

/// Most points of an answer; longer ranges have coarser steps.
const MOST: i64 = 400;

/// Answers a request.
pub(super) fn answer(call: &Call<'_>) -> Answer {
    let Ok(Value::Object(body)) = serde_json::from_slice(&call.asked.body) else {
        return problem(400, "Bad Request", "Could not decode the request body.");
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    if body.get("site").and_then(Value::as_str) == Some("") {
        return field_problem("site", &json!(["Site missing"]));
    }
    if text("type") != "single_metric" {
        return field_problem("type", &json!(["Unsupported value"]));
    }
    let time = |name: &str| {
        let range = body.get("time_range")?;
        Moment::from_rfc3339(range.get(name)?.as_str()?).map(Moment::as_unix)
    };
    let (Some(start), Some(end)) = (time("start"), time("end")) else {
        return field_problem("time_range", &json!(["Not a valid range."]));
    };
    let (host, service, metric) = (
        text("host_name"),
        text("service_description"),
        text("metric_id"),
    );
    let count = ServiceTable::count(call.world);
    let found = (0..count)
        .map(|place| ServiceTable::row(call.world, place, call.now, None))
        .find(|row| ServiceTable::host(row) == host && row.name() == service);
    let Some(row) = found else {
        return field_problem("host_name", &json!(["Host or service is not monitored."]));
    };
    let known = METRICS
        .iter()
        .find(|(plugin, name, ..)| row.command() == *plugin && metric == *name);
    let step = ((end - start) / MOST).max(60).div_euclid(60) * 60;
    let start = start - start.rem_euclid(step);
    let Some((_, name, least, most)) = known else {
        // Nothing is known of it: no metric, and no error.
        return Answer::json(&json!({
            "time_range": range(start, end), "step": step, "metrics": [],
        }));
    };
    let salt = key(host) ^ key(service) ^ key(name);
    let points: Vec<Value> = (0..(end - start) / step)
        .map(|point| start + point * step)
        .map(|at| {
            // The last one is not there yet.
            if at + step > end {
                return Value::Null;
            }
            let part = 0.3 + 0.7 * busy(at);
            json!(least + (between(salt, at, *least, *most) - least) * part)
        })
        .collect();
    Answer::json(&json!({
        "time_range": range(start, end),
        "step": step,
        "metrics": [{"title": name, "color": "#00d1ff", "line_type": "area", "data_points": points}],
    }))
}

fn range(start: i64, end: i64) -> Value {
    let at = |seconds: i64| Moment::from_millis(seconds * 1000).rfc3339();
    json!({"start": at(start), "end": at(end)})
}
