//! Graphs of a monitored host, from Checkmk's own history (`api/checkmk.md`, A9).
//!
//! What a host has to tell differs, so its services are asked for first; then a request for each metric, one after
//! the other and few of them. Units are not told: they are Checkmk's own, by the names of its metrics.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::domain::check::MonitoredService;
use crate::domain::failure::FailureKind;
use crate::domain::graph::{Course, Graph, Measure, Point, Span, Subject};
use crate::domain::{Failure, Moment, Text};

use super::columns::Table;
use super::{Client, columns, is_refusal, parse, parse_services};

/// Most points taken of a metric.
const MOST: usize = 4000;

/// A metric that a graph is made of.
struct Known {
    measure: Measure,
    /// Plug-ins that measure it, by the beginning of their names.
    plugins: &'static [&'static str],
    /// What the service is about where a plug-in has several, by its name: `/`, the summary.
    item: fn(&str) -> bool,
    /// Names of the metric: as the history calls it, then as the plug-in does.
    names: &'static [&'static str],
    /// What its values are multiplied by to be in our unit, for each name.
    scale: &'static [f64],
}

const fn any(_: &str) -> bool {
    true
}

fn root(name: &str) -> bool {
    name.ends_with(" /")
}

fn summary(name: &str) -> bool {
    name.ends_with("SUMMARY")
}

/// What is asked for, in the order it is shown. History counts network in bits a second.
static KNOWN: [Known; 8] = [
    Known {
        measure: Measure::Cpu,
        plugins: &["check_mk-kernel_util"],
        item: any,
        names: &["util"],
        scale: &[0.01],
    },
    Known {
        measure: Measure::Load,
        plugins: &["check_mk-cpu_loads"],
        item: any,
        names: &["load1"],
        scale: &[1.0],
    },
    Known {
        measure: Measure::Memory,
        plugins: &["check_mk-mem_linux", "check_mk-mem_used"],
        item: any,
        names: &["mem_used_percent"],
        scale: &[0.01],
    },
    Known {
        measure: Measure::Disk,
        plugins: &["check_mk-df"],
        item: root,
        names: &["fs_used_percent"],
        scale: &[0.01],
    },
    Known {
        measure: Measure::NetIn,
        plugins: &["check_mk-lnx_if", "check_mk-interfaces"],
        item: any,
        names: &["if_in_bps", "in"],
        scale: &[0.125, 1.0],
    },
    Known {
        measure: Measure::NetOut,
        plugins: &["check_mk-lnx_if", "check_mk-interfaces"],
        item: any,
        names: &["if_out_bps", "out"],
        scale: &[0.125, 1.0],
    },
    Known {
        measure: Measure::DiskRead,
        plugins: &["check_mk-diskstat"],
        item: summary,
        names: &["disk_read_throughput"],
        scale: &[1.0],
    },
    Known {
        measure: Measure::DiskWrite,
        plugins: &["check_mk-diskstat"],
        item: summary,
        names: &["disk_write_throughput"],
        scale: &[1.0],
    },
];

impl Client {
    /// What Checkmk wrote down of a host. Of what it does not have, nothing: an empty graph when there is no
    /// service that is known to have one.
    ///
    /// # Errors
    /// The services cannot be asked for, or none of the metrics.
    pub async fn graph(&self, subject: &Subject, span: Span) -> Result<Graph, Failure> {
        let Subject::Monitored { host, site, .. } = subject else {
            return Err(Failure::new(FailureKind::Bug {
                detail: Text::clean(&format!("Checkmk has no graph of {subject:?}")),
            }));
        };
        self.enter().await?;
        let query = columns::measured_of(&json!(host.as_str()).to_string());
        let answer = self
            .api
            .list(Table::Services, columns::MEASURED, Some(&query))
            .await?;
        let services = parse(answer.body.clone(), parse_services)
            .await
            .map_err(|failure| failure.during(&answer.asked))?;
        let until = Moment::now();
        let mut graph = Graph::default();
        let mut failed = None;
        for known in &KNOWN {
            let Some(service) = services.services.iter().find(|s| known.fits(s, host)) else {
                continue;
            };
            match self
                .course(
                    known,
                    service,
                    site.as_ref(),
                    (until.minus(span.length()), until),
                )
                .await
            {
                Ok(course) => graph.courses.extend(course),
                Err(failure) if is_refusal(&failure) => return Err(failure),
                // A metric that this version calls otherwise, or has not: the others tell all the same.
                Err(failure) => failed = Some(failure),
            }
        }
        match failed {
            Some(failure) if graph.courses.is_empty() => Err(failure),
            _ => Ok(graph),
        }
    }

    /// One metric, under the first of its names that is known.
    async fn course(
        &self,
        known: &Known,
        service: &MonitoredService,
        site: Option<&Text>,
        (from, until): (Moment, Moment),
    ) -> Result<Option<Course>, Failure> {
        let mut outcome = Ok(None);
        for (name, scale) in known.names.iter().zip(known.scale) {
            let mut body = json!({
                "type": "single_metric",
                "metric_id": name,
                "host_name": service.host.as_str(),
                "service_description": service.name.as_str(),
                "reduce": "average",
                "time_range": {"start": from.rfc3339(), "end": until.rfc3339()},
            });
            // An empty one is refused.
            if let (Some(site), Some(body)) = (site.filter(|s| !s.is_empty()), body.as_object_mut())
            {
                body.insert("site".to_owned(), json!(site.as_str()));
            }
            outcome = match self.api.metric(body.to_string()).await {
                Ok(answer) => read(&answer.body, known.measure, *scale)
                    .map_err(|failure| failure.during(&answer.asked)),
                Err(failure) => Err(failure),
            };
            let goes_on = match &outcome {
                Ok(course) => course.is_none(),
                Err(failure) => matches!(
                    failure.kind,
                    FailureKind::Status {
                        code: 400 | 404,
                        ..
                    }
                ),
            };
            if !goes_on {
                break;
            }
        }
        outcome
    }
}

impl Known {
    fn fits(&self, service: &MonitoredService, host: &Text) -> bool {
        let command = service.command.as_deref().unwrap_or_default();
        service.host == *host && self.plugins.contains(&command) && (self.item)(&service.name)
    }
}

/// The answer: values at even steps from the start of the returned range on.
#[derive(Deserialize)]
struct Answered {
    time_range: Range,
    step: f64,
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
struct Range {
    start: String,
}

#[derive(Deserialize)]
struct Metric {
    data_points: Vec<Option<f64>>,
}

/// Reads a metric; `None` when nothing is known of it.
fn read(body: &[u8], measure: Measure, scale: f64) -> Result<Option<Course>, Failure> {
    let malformed = |detail: &str| super::read::malformed(detail);
    let answered: Answered = serde_json::from_slice(body)
        .map_err(|_| malformed("the metric's answer has another shape"))?;
    let start = Moment::from_rfc3339(&answered.time_range.start)
        .ok_or_else(|| malformed("the metric's range has no beginning"))?;
    if !(1.0..1e7).contains(&answered.step) {
        return Err(malformed("the metric's step makes no sense"));
    }
    let step = Duration::from_secs_f64(answered.step);
    let Some(metric) = answered.metrics.first() else {
        return Ok(None);
    };
    let points: Vec<Point> = metric
        .data_points
        .iter()
        .take(MOST)
        .zip(0_u32..)
        .filter_map(|(value, place)| {
            let value = value
                .map(|v| v * scale)
                .filter(|v| (0.0..1e15).contains(v))?;
            Some(Point::one(start.plus(step * place), value))
        })
        .collect();
    Ok((!points.is_empty()).then_some(Course {
        measure,
        points,
        holds: step.mul_f64(2.5).max(Duration::from_mins(3)),
    }))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::super::loopback::{Asked, Reply, Site, VERSION, json, problem};
    use super::*;
    use crate::domain::SourceId;

    const SERVICES: &str = r#"{"value":[
        {"extensions":{"host_name":"router","description":"CPU utilization","state":0,"check_command":"check_mk-kernel_util"}},
        {"extensions":{"host_name":"router","description":"Filesystem /","state":0,"check_command":"check_mk-df"}},
        {"extensions":{"host_name":"router","description":"Filesystem /var","state":0,"check_command":"check_mk-df"}},
        {"extensions":{"host_name":"router","description":"Interface 1","state":0,"check_command":"check_mk-lnx_if"}}]}"#;

    fn subject() -> Subject {
        Subject::Monitored {
            source: SourceId(0),
            host: "router".into(),
            site: Some("heute".into()),
        }
    }

    fn usual(asked: &Asked) -> Reply {
        if asked.path.ends_with("/version") {
            return json(VERSION);
        }
        if asked.method == "GET" {
            return json(SERVICES);
        }
        let wanted: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
        assert_eq!(wanted["site"], "heute");
        match wanted["metric_id"].as_str().unwrap() {
            "util" => json(
                r#"{"time_range":{"start":"2026-11-21T20:00:00+00:00","end":"2026-11-21T20:03:00+00:00"},
                "step":60,"metrics":[{"title":"x","data_points":[12.5,null,50]}]}"#,
            ),
            "fs_used_percent" => {
                assert_eq!(wanted["service_description"], "Filesystem /");
                json(
                    r#"{"time_range":{"start":"2026-11-21T20:00:00Z","end":"x"},"step":60,"metrics":[]}"#,
                )
            }
            "in" => json(
                r#"{"time_range":{"start":"2026-11-21T20:00:00Z","end":"x"},"step":60,"metrics":[{"data_points":[80]}]}"#,
            ),
            _ => problem(
                "400",
                r#"{"title":"Bad Request","status":400,"detail":"no such metric"}"#,
            ),
        }
    }

    #[tokio::test]
    async fn a_request_for_each_metric_that_the_host_has() {
        let site = Site::start(usual).await;
        let graph = site.client().graph(&subject(), Span::Hour).await.unwrap();
        let start = Moment::from_rfc3339("2026-11-21T20:00:00Z").unwrap();
        let of: Vec<(Measure, Vec<Point>)> = graph
            .courses
            .into_iter()
            .map(|c| (c.measure, c.points))
            .collect();
        assert_eq!(
            of,
            [
                (
                    Measure::Cpu,
                    vec![
                        Point::one(start, 0.125),
                        Point::one(start.plus(Duration::from_mins(2)), 0.5)
                    ]
                ),
                (Measure::NetIn, vec![Point::one(start, 80.0)]),
            ]
        );
        assert_eq!(site.count("POST", "/metric/actions/get/invoke"), 6);
        let lists = site.requests();
        let list = lists.iter().find(|a| a.has("GET", "/service/")).unwrap();
        assert!(
            list.path.contains(r#""left":"host_name","right":"router""#),
            "{}",
            list.path
        );
    }

    #[tokio::test]
    async fn a_site_without_the_call_says_so_and_a_host_without_metrics_has_none() {
        let site = Site::start(|asked: &Asked| match asked.method.as_str() {
            "POST" => problem("404", r#"{"title":"Not Found","status":404}"#),
            _ => usual(asked),
        })
        .await;
        let failure = site
            .client()
            .graph(&subject(), Span::Day)
            .await
            .unwrap_err();
        assert!(
            matches!(failure.kind, FailureKind::Status { code: 404, .. }),
            "{failure:?}"
        );
        let bare = Site::start(|asked: &Asked| {
            if asked.path.ends_with("/version") {
                json(VERSION)
            } else {
                json(r#"{"value":[]}"#)
            }
        })
        .await;
        let graph = bare.client().graph(&subject(), Span::Day).await.unwrap();
        assert_eq!(graph, Graph::default());
        assert_eq!(bare.count("POST", ""), 0);
    }

    #[test]
    fn nonsense_is_refused() {
        for body in [
            "{}",
            "[]",
            r#"{"time_range":{"start":"soon"},"step":60,"metrics":[]}"#,
            r#"{"time_range":{"start":"2026-11-21T20:00:00Z"},"step":0,"metrics":[]}"#,
        ] {
            read(body.as_bytes(), Measure::Cpu, 1.0).unwrap_err();
        }
    }
}
