//! Every readable monitoring answer that was recorded, against what it says.
//!
//! `VIGIE_RECORDED` names the directory; without it there is nothing to compare with.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::PathBuf;

use super::{columns, parse_hosts, parse_services, refusal, version};
use crate::domain::check::{Handling, HostState, ServiceState};
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Moment};

fn recorded() -> Option<PathBuf> {
    let dir = std::env::var_os("VIGIE_RECORDED")?;
    Some(PathBuf::from(dir).join("checkmk"))
}

fn file(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(recorded()?.join(name)).unwrap())
}

fn is_malformed(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Malformed { .. })
}

const HARD: Handling = Handling {
    acknowledged: false,
    downtime: false,
    flapping: false,
    soft: false,
    stale: false,
};
const SOFT: Handling = Handling { soft: true, ..HARD };
const ACKNOWLEDGED: Handling = Handling {
    acknowledged: true,
    ..HARD
};
const DOWNTIME: Handling = Handling {
    downtime: true,
    ..HARD
};

#[test]
fn services_of_2_4() {
    let Some(body) = file("timewizard-2.4.0p34/service-collection.json") else {
        return;
    };
    let read = parse_services(&body).unwrap();
    assert_eq!(read.skipped, 1, "one row has no extensions");
    let rows: Vec<_> = read
        .services
        .iter()
        .map(|s| {
            (
                s.host.as_str(),
                s.name.as_str(),
                s.state,
                s.handling,
                s.since.map(Moment::as_unix),
                s.output.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (
                "host-a",
                "CPU load",
                ServiceState::Warn,
                HARD,
                Some(1_704_067_200),
                Some("load average is above threshold")
            ),
            (
                "host-b",
                "Memory",
                ServiceState::Crit,
                ACKNOWLEDGED,
                Some(1_704_153_600),
                Some("RAM usage is 97 percent")
            ),
            (
                "host-c",
                "NTP time",
                ServiceState::Unknown,
                SOFT,
                Some(1_704_240_000),
                Some("check timed out")
            ),
            (
                "host-d",
                "Filesystem /",
                ServiceState::Crit,
                DOWNTIME,
                Some(1_704_326_400),
                Some("used 95 percent")
            ),
            (
                "host-e",
                "Ping",
                ServiceState::Ok,
                HARD,
                Some(1_704_067_200),
                Some("OK")
            ),
        ]
    );
    // No column told of it, so it is not claimed to be up.
    assert!(
        read.services
            .iter()
            .all(|s| s.host_state == HostState::Unknown)
    );
}

#[test]
fn hosts_of_2_4() {
    let Some(body) = file("timewizard-2.4.0p34/host-collection-status.json") else {
        return;
    };
    let read = parse_hosts(&body).unwrap();
    assert_eq!(read.skipped, 0);
    let rows: Vec<_> = read
        .hosts
        .iter()
        .map(|h| {
            (
                h.name.as_str(),
                h.state,
                h.handling,
                h.since.map(Moment::as_unix),
                (h.services.crit, h.services.warn),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (
                "host-down-ack",
                HostState::Down,
                ACKNOWLEDGED,
                Some(1_704_412_800),
                (0, 0)
            ),
            (
                "host-down-hard",
                HostState::Down,
                HARD,
                Some(1_704_153_600),
                (0, 0)
            ),
            (
                "host-down-soft",
                HostState::Down,
                SOFT,
                Some(1_704_240_000),
                (0, 0)
            ),
            (
                "host-unreach-hard",
                HostState::Unreachable,
                DOWNTIME,
                Some(1_704_326_400),
                (0, 0)
            ),
            (
                "host-unreach-soft",
                HostState::Unreachable,
                SOFT,
                Some(1_704_240_000),
                (0, 0)
            ),
            ("host-up", HostState::Up, HARD, Some(1_704_067_200), (0, 0)),
        ]
    );
}

#[test]
fn hosts_without_columns_have_no_state() {
    let Some(body) = file("timewizard-2.4.0p34/host-collection-name-only.json") else {
        return;
    };
    let read = parse_hosts(&body).unwrap();
    let rows: Vec<_> = read
        .hosts
        .iter()
        .map(|h| (h.name.as_str(), h.state))
        .collect();
    assert_eq!(
        rows,
        [
            ("host-a", HostState::Unknown),
            ("host-b", HostState::Unknown)
        ]
    );
}

#[test]
fn acknowledgements_go_by_their_column_not_by_comments() {
    for (name, host, acknowledged, since) in [
        (
            "service-cdn-take-cleared",
            "GO-S11",
            false,
            Some(1_787_078_400),
        ),
        (
            "service-cdn-take-go-s11",
            "GO-S11",
            true,
            Some(1_787_078_400),
        ),
        (
            "service-cdn-take-leftover-comments",
            "GO-S11",
            false,
            Some(1_787_078_400),
        ),
        ("service-cdn-take-machine-tag", "GO-S11", true, None),
        ("service-generic-ack", "web01", true, None),
    ] {
        let Some(body) = file(&format!("timewizard-2.4.0p34/{name}.json")) else {
            return;
        };
        let read = parse_services(&body).unwrap();
        assert_eq!((read.services.len(), read.skipped), (1, 0), "{name}");
        let service = &read.services[0];
        assert_eq!(service.host.as_str(), host, "{name}");
        assert_eq!(service.state, ServiceState::Crit, "{name}");
        assert_eq!(service.handling.acknowledged, acknowledged, "{name}");
        assert_eq!(service.since.map(Moment::as_unix), since, "{name}");
    }
}

#[test]
fn malformed_answers_are_failures() {
    for name in [
        "timewizard-2.4.0p34/malformed-collection.json",
        "timewizard-2.4.0p34/malformed-host-collection.json",
        // JSON, but of something else.
        "constructed/version-2.4.0p18.cre.json",
        "constructed/error-401-wrong-credentials.json",
    ] {
        let Some(body) = file(name) else {
            return;
        };
        assert!(is_malformed(&parse_services(&body).unwrap_err()), "{name}");
        assert!(is_malformed(&parse_hosts(&body).unwrap_err()), "{name}");
    }
}

#[test]
fn a_list_of_the_other_kind_is_refused() {
    let (Some(hosts), Some(services)) = (
        file("timewizard-2.4.0p34/host-collection-status.json"),
        file("timewizard-2.4.0p34/service-collection.json"),
    ) else {
        return;
    };
    assert!(is_malformed(&parse_services(&hosts).unwrap_err()));
    assert!(is_malformed(&parse_hosts(&services).unwrap_err()));
}

#[test]
fn a_collection_with_links_around_each_row() {
    let Some(body) = file("constructed/service-collection-with-links.json") else {
        return;
    };
    let read = parse_services(&body).unwrap();
    assert_eq!((read.services.len(), read.skipped), (1, 0));
    let service = &read.services[0];
    assert_eq!(service.host.as_str(), "heute");
    assert_eq!(service.name.as_str(), "Filesystem /opt/omd/sites/heute/tmp");
    assert_eq!(service.state, ServiceState::Unknown, "no column told");
}

#[test]
fn the_version_of_2_4() {
    let Some(body) = file("constructed/version-2.4.0p18.cre.json") else {
        return;
    };
    assert_eq!(version::parse(&body).unwrap().as_deref(), Some("2.4.0p18"));
}

#[test]
fn refusals_name_their_columns() {
    let Some(body) = file("constructed/error-400-unknown-column.json") else {
        return;
    };
    assert_eq!(
        refusal::unknown_columns(&body, &["host_name", "performance_data"]),
        ["performance_data"]
    );
    let Some(body) = file("constructed/error-2.5-pydantic-400.json") else {
        return;
    };
    assert_eq!(refusal::unknown_columns(&body, &["name", "foo"]), ["foo"]);
    for other in ["error-400-service-not-found", "error-500-crash"] {
        let body = file(&format!("constructed/{other}.json")).unwrap();
        assert_eq!(
            refusal::unknown_columns(&body, columns::SERVICE),
            [] as [&str; 0]
        );
    }
}

#[test]
fn refusals_in_their_own_words() {
    for (name, words) in [
        (
            "error-2.5-pydantic-400",
            "Bad Request: These fields have problems: body.columns: Value error, Unknown column: hosts.foo",
        ),
        (
            "error-400-service-not-found",
            "Service not found: Service 'Memoryx'@'heute' could not be found.",
        ),
        (
            "error-400-unknown-column",
            "Bad Request: These fields have problems: columns: Unknown column: services.performance_data",
        ),
        (
            "error-401-not-authenticated-2.1",
            "You need to be authenticated to use the REST API.",
        ),
        (
            "error-401-wrong-credentials",
            "Wrong credentials (Bearer header)",
        ),
        (
            "error-404-show_service",
            "The requested service was not found: The service name CPUx did not match any service",
        ),
        (
            "error-406-no-accept",
            "Not Acceptable: Please specify an Accept Header.",
        ),
        (
            "error-415-no-content-type",
            "Content type not valid for this endpoint.: No content-type specified. Possible value is: application/json",
        ),
        (
            "error-422-service-no-problem",
            "This service has no problem: Service 'Memory'@'heute' has no problem.",
        ),
        (
            "error-500-crash",
            "Internal Server Error: This is an intentional failure.: crash report 00000000-0000-0000-0000-000000000000",
        ),
    ] {
        let Some(body) = file(&format!("constructed/{name}.json")) else {
            return;
        };
        assert_eq!(refusal::words(&body).as_deref(), Some(words), "{name}");
    }
}

#[test]
fn every_column_asked_for_exists_in_every_recorded_version() {
    let Some(dir) = recorded() else { return };
    for (table, asked) in [
        ("hosts", [columns::HOST, columns::HOST_SITE].concat()),
        ("services", columns::SERVICE.to_vec()),
    ] {
        for version in ["2.2.0p44", "2.3.0p40", "2.4.0p18"] {
            let tsv = dir.join(format!("columns/{version}-{table}.tsv"));
            let known = std::fs::read_to_string(tsv).unwrap();
            let known: Vec<&str> = known
                .lines()
                .filter_map(|line| line.split('\t').next())
                .collect();
            for column in &asked {
                assert!(known.contains(column), "{version} {table} {column}");
            }
        }
    }
}
