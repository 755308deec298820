//! Graphs on demand: from the servers' own histories, through the real clients.

use std::path::Path;
use std::time::Duration;

use tokio::sync::oneshot;
use vigie::config::{self, Config};
use vigie::demo::{Lab, Options, Server, Trouble};
use vigie::domain::graph::{Graph, Measure, Span, Subject};
use vigie::domain::guest::GuestKind;
use vigie::domain::{Failure, Moment, SourceId};
use vigie::refresh::Refresher;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_mins(1);

async fn read(refresher: &Refresher, subject: &Subject, span: Span) -> Result<Graph, Failure> {
    let (sender, answer) = oneshot::channel();
    refresher.graph(subject.clone(), span, move |outcome| {
        sender.send(outcome).unwrap();
    });
    tokio::time::timeout(PATIENCE, answer)
        .await
        .unwrap()
        .unwrap()
}

fn source(config: &Config, name: &str) -> SourceId {
    config.sources.iter().find(|s| s.name == name).unwrap().id
}

fn measures(graph: &Graph) -> Vec<Measure> {
    graph.courses.iter().map(|course| course.measure).collect()
}

#[tokio::test]
async fn nodes_guests_and_monitored_hosts_of_all_versions() {
    let lab = Lab::start(Options::default()).await.unwrap();
    let config = config::parse(&lab.config_toml(), Path::new("lab.toml")).unwrap();
    let (refresher, _observations) = Refresher::start(&config);
    let node = |source_name: &str| Subject::Node {
        source: source(&config, source_name),
        node: source_name.into(),
    };
    let guest = |source_name: &str, kind, vmid| Subject::Guest {
        source: source(&config, source_name),
        node: source_name.into(),
        kind,
        vmid,
    };
    let of_guest = [
        Measure::Cpu,
        Measure::Memory,
        Measure::NetIn,
        Measure::NetOut,
        Measure::DiskRead,
        Measure::DiskWrite,
    ];
    let now = Moment::now();
    for span in [Span::Hour, Span::Day, Span::Week] {
        for name in ["golem", "pikachu"] {
            let graph = read(&refresher, &node(name), span).await.unwrap();
            let found = measures(&graph);
            for wanted in [
                Measure::Cpu,
                Measure::Memory,
                Measure::NetIn,
                Measure::NetOut,
            ] {
                assert!(found.contains(&wanted), "{name} {span:?}: {found:?}");
            }
            for course in &graph.courses {
                assert!(course.points.len() > 30, "{:?}", course.measure);
                assert!(course.points.is_sorted_by_key(|p| p.at));
                let last = course.points.last().unwrap().at;
                assert!(
                    now.until(last) < course.holds * 2,
                    "{:?} {span:?}",
                    course.measure
                );
            }
        }
        let graph = read(&refresher, &guest("golem", GuestKind::Lxc, 101), span).await;
        assert_eq!(measures(&graph.unwrap()), of_guest);
        let graph = read(&refresher, &guest("pikachu", GuestKind::OpenVz, 202), span).await;
        assert_eq!(measures(&graph.unwrap()), of_guest);
        let router = Subject::Monitored {
            source: source(&config, "monitor"),
            host: "router".into(),
            site: Some("look".into()),
        };
        let graph = read(&refresher, &router, span).await.unwrap();
        assert_eq!(
            measures(&graph),
            [Measure::Cpu, Measure::NetIn, Measure::NetOut]
        );
        let parts = &graph.courses[0].points;
        assert!(parts.iter().all(|p| (0.0..=1.0).contains(&p.high)));
    }
    refresher.stop();
}

#[tokio::test]
async fn a_server_that_refuses_is_a_failure_of_its_graph() {
    let lab = Lab::start(Options::default()).await.unwrap();
    let config = config::parse(&lab.config_toml(), Path::new("lab.toml")).unwrap();
    let (refresher, _observations) = Refresher::start(&config);
    lab.misbehave(Server::Golem, Some(Trouble::Unauthorized))
        .await;
    let node = Subject::Node {
        source: source(&config, "golem"),
        node: "golem".into(),
    };
    read(&refresher, &node, Span::Hour).await.unwrap_err();
    refresher.stop();
}
