#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use super::*;

/// A service with these further columns.
fn service(columns: &str) -> MonitoredService {
    let read = services(&[&format!(
        r#"{{"host_name":"wiki","description":"CPU load"{columns}}}"#
    )]);
    assert_eq!((read.services.len(), read.skipped), (1, 0), "{columns}");
    read.services.into_iter().next().unwrap()
}

fn services(rows: &[&str]) -> MonitoredServices {
    let rows: Vec<String> = rows
        .iter()
        .map(|row| format!(r#"{{"id":"x","links":[{{"rel":"y"}}],"extensions":{row}}}"#))
        .collect();
    let body = format!(
        r#"{{"links":[],"domainType":"service","value":[{}],"extensions":{{}}}}"#,
        rows.join(",")
    );
    parse_services(body.as_bytes()).unwrap()
}

#[test]
fn a_service_with_all_columns() {
    let service = service(
        r#","state":2,"state_type":1,"has_been_checked":1,"acknowledged":0,"scheduled_downtime_depth":0,
        "host_scheduled_downtime_depth":0,"is_flapping":0,"staleness":0.4,"last_state_change":1790000000,
        "last_check":1790000060,"plugin_output":"15 min load: 17.2(!!)","check_command":"check_mk-cpu_loads",
        "perf_data":"load1=17.2;5;10;0;4","host_state":0,"host_has_been_checked":1,
        "host_labels":{"cmk/os_family":"linux","cmk/site":"heute"}"#,
    );
    assert_eq!(
        service,
        MonitoredService {
            host: Text::clean("wiki"),
            name: Text::clean("CPU load"),
            site: Some(Text::clean("heute")),
            state: ServiceState::Crit,
            host_state: HostState::Up,
            handling: Handling::default(),
            since: Moment::from_unix(1_790_000_000),
            checked: Moment::from_unix(1_790_000_060),
            output: Some(Text::clean("15 min load: 17.2(!!)")),
            command: Some(Text::clean("check_mk-cpu_loads")),
            perfdata: vec![crate::domain::check::Metric {
                name: Text::clean("load1"),
                value: 17.2,
                unit: None,
                warn: Some(5.0),
                crit: Some(10.0),
            }],
        }
    );
}

#[test]
fn a_host_with_all_columns() {
    let body = r#"{"domainType":"host","value":[{"extensions":{"name":"wiki","alias":"Wiki of the crew",
        "address":"192.0.2.5","state":1,"state_type":0,"has_been_checked":1,"acknowledged":1,
        "scheduled_downtime_depth":1,"is_flapping":1,"staleness":2.5,"last_state_change":1790000000,
        "last_check":0,"plugin_output":"CRIT - no answer","labels":{"cmk/site":"heute"},"num_services_ok":40,
        "num_services_warn":1,"num_services_crit":2,"num_services_unknown":3,"num_services_pending":4}},
        {"extensions":{"name":"blog","alias":"blog","state":0,"has_been_checked":0}}]}"#;
    let read = parse_hosts(body.as_bytes()).unwrap();
    assert_eq!(read.hosts.len(), 2);
    let (blog, wiki) = (&read.hosts[0], &read.hosts[1]);
    assert_eq!((blog.state, &blog.alias), (HostState::Pending, &None));
    assert_eq!(
        *wiki,
        MonitoredHost {
            name: Text::clean("wiki"),
            alias: Some(Text::clean("Wiki of the crew")),
            address: Some(Text::clean("192.0.2.5")),
            site: Some(Text::clean("heute")),
            state: HostState::Down,
            handling: Handling {
                acknowledged: true,
                downtime: true,
                flapping: true,
                soft: true,
                stale: true
            },
            since: Moment::from_unix(1_790_000_000),
            checked: None,
            output: Some(Text::clean("CRIT - no answer")),
            services: ServiceCounts {
                ok: 40,
                warn: 1,
                crit: 2,
                unknown: 3,
                pending: 4
            },
        }
    );
}

#[test]
fn what_was_never_checked_is_pending_although_its_state_is_0() {
    let pending = service(r#","state":0,"has_been_checked":0,"staleness":9.0,"state_type":0"#);
    assert_eq!(pending.state, ServiceState::Pending);
    assert_eq!(pending.handling, Handling::default());
    assert_eq!(
        service(r#","state":0,"has_been_checked":1"#).state,
        ServiceState::Ok
    );
}

#[test]
fn states_that_cannot_be_told_are_unknown() {
    for columns in [
        "",
        r#","state":3"#,
        r#","state":17"#,
        r#","state":null"#,
        r#","state":{"x":[1]}"#,
        r#","state":-1"#,
    ] {
        assert_eq!(service(columns).state, ServiceState::Unknown, "{columns}");
    }
    assert_eq!(service(r#","host_state":7"#).host_state, HostState::Unknown);
    assert_eq!(
        service(r#","host_state":0,"host_has_been_checked":0"#).host_state,
        HostState::Pending
    );
}

#[test]
fn handling_is_told_apart() {
    let handling = |columns: &str| service(&format!(r#","state":1{columns}"#)).handling;
    let none = Handling::default();
    assert_eq!(handling(r#","staleness":1.49"#), none);
    assert!(handling(r#","staleness":1.5"#).stale);
    assert!(handling(r#","host_scheduled_downtime_depth":2"#).downtime);
    assert!(handling(r#","scheduled_downtime_depth":1"#).downtime);
    assert!(handling(r#","is_flapping":1"#).flapping);
    assert!(handling(r#","state_type":0"#).soft);
    assert!(handling(r#","state_type":"soft""#).soft);
    assert!(!handling(r#","state_type":"hard""#).soft);
    assert!(handling(r#","acknowledged":true"#).acknowledged);
    assert_eq!(
        handling(r#","acknowledged":"x","staleness":"?","is_flapping":null"#),
        none
    );
}

#[test]
fn arguments_of_a_command_are_cut() {
    let service = service(r#","check_command":"check_mk_active-httpv2!--url https://u:pw@x""#);
    assert_eq!(service.command.as_deref(), Some("check_mk_active-httpv2"));
    assert!(!format!("{service:?}").contains("pw@"));
}

#[test]
fn output_stays_one_inert_line() {
    let output = |sent: &str| {
        service(&format!(r#","plugin_output":"{sent}""#))
            .output
            .map(|o| o.as_str().to_owned())
    };
    assert_eq!(output(r"one\\ntwo").as_deref(), Some("one⏎two"));
    assert_eq!(output(r"one\ntwo").as_deref(), Some("one⏎two"));
    assert_eq!(output(r"a\u001b[31mb").as_deref(), Some("a␛[31mb"));
    assert_eq!(output("<b>bold</b>").as_deref(), Some("<b>bold</b>"));
    assert_eq!(output("  "), None);
    assert_eq!(
        output(&"x".repeat(5000)).map(|o| o.chars().count()),
        Some(Text::LONGEST)
    );
}

#[test]
fn wrong_fields_cost_only_themselves() {
    for broken in [
        r#","last_state_change":"yesterday""#,
        r#","last_state_change":1e400"#,
        r#","last_state_change":-5"#,
        r#","staleness":NaN"#,
        r#","plugin_output":"\ud800""#,
        r#","plugin_output":["a"]"#,
        r#","host_labels":[["cmk/site","x"]]"#,
        r#","perf_data":{"load":1}"#,
        r#","never_heard_of":{"deep":[[[{}]]]}"#,
        r#","check_command":null"#,
    ] {
        let service = service(&format!(r#","state":2{broken}"#));
        assert_eq!(service.state, ServiceState::Crit, "{broken}");
        assert_eq!(service.since, None, "{broken}");
        assert_eq!(service.output, None, "{broken}");
        assert_eq!(service.site, None, "{broken}");
        assert_eq!(service.perfdata, [], "{broken}");
    }
}

#[test]
fn wrong_rows_cost_only_themselves() {
    let good = r#"{"host_name":"a","description":"b","state":0}"#;
    for bad in [
        "null",
        "[]",
        "7",
        "-7",
        "1.5",
        "true",
        r#""text""#,
        "{}",
        r#"{"host_name":"a"}"#,
        r#"{"description":"b"}"#,
        r#"{"host_name":null,"description":"b"}"#,
        r#"{"host_name":" ","description":"b"}"#,
    ] {
        let read = services(&[bad, good, bad]);
        assert_eq!((read.services.len(), read.skipped), (1, 2), "{bad}");
    }
    let body = format!(
        r#"{{"value":[null,1,"x",[{{}}],{{}},{{"extensions":{good}}},{{"extensions":{good},"links":null}}]}}"#
    );
    let read = parse_services(body.as_bytes()).unwrap();
    // Five that are no rows, and one twice.
    assert_eq!((read.services.len(), read.skipped), (1, 6));
}

#[test]
fn same_names_on_different_sites_are_different_services() {
    let row = |site: &str| {
        format!(
            r#"{{"host_name":"a","description":"b","state":1,"host_labels":{{"cmk/site":"{site}"}}}}"#
        )
    };
    let read = services(&[&row("one"), &row("two"), &row("one")]);
    assert_eq!((read.services.len(), read.skipped), (2, 1));
}

#[test]
fn what_is_no_list_is_a_failure() {
    for body in [
        "",
        "  \n",
        "{",
        "null",
        "[]",
        "7",
        "{}",
        r#"{"value":null}"#,
        r#"{"value":{"a":1}}"#,
        r#"{"value":[{"extensions":{"host_name":"a""#,
        r#"{"value":[]} trailing"#,
        r#"{"domainType":"host_config","value":[]}"#,
    ] {
        let failure = parse_services(body.as_bytes()).unwrap_err();
        assert!(
            matches!(failure.kind, FailureKind::Malformed { .. }),
            "{body}"
        );
    }
    assert_eq!(
        parse_services(br#"{"value":[]}"#).unwrap(),
        MonitoredServices::default()
    );
}

#[test]
fn bytes_that_are_no_utf_8_cost_themselves() {
    let mut body =
        br#"{"value":[{"extensions":{"host_name":"a","description":"b","plugin_output":"x"#
            .to_vec();
    body.extend_from_slice(b"\xff\"}}]}");
    let read = parse_services(&body).unwrap();
    assert_eq!(read.services[0].output.as_deref(), Some("x\u{fffd}"));
}

#[test]
fn a_hundred_thousand_services_are_read_and_share_their_names() {
    let rows: Vec<String> = (0..100_000)
        .map(|n| {
            format!(
                r#"{{"id":"h{0}:s{1}","links":[],"extensions":{{"host_name":"h{0}","description":"s{1}","state":1,"check_command":"check_mk-df","perf_data":"used={n};1;2"}}}}"#,
                n / 20,
                n % 20
            )
        })
        .collect();
    let body = format!(r#"{{"domainType":"service","value":[{}]}}"#, rows.join(","));
    let read = parse_services(body.as_bytes()).unwrap();
    assert_eq!((read.services.len(), read.skipped), (100_000, 0));
    let (first, second) = (&read.services[0], &read.services[1]);
    assert!(std::ptr::eq(first.host.as_str(), second.host.as_str()));
    assert!(std::ptr::eq(
        first.perfdata[0].name.as_str(),
        second.perfdata[0].name.as_str()
    ));
}
