//! `/version`, `/cluster/status`, `/access/permissions` and `/nodes/…/status` by version.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use super::*;

#[test]
fn versions_count_by_their_first_two_numbers() {
    for (text, version) in [
        ("3.4", Some((3, 4))),
        ("6.2-4", Some((6, 2))),
        ("9.1.5", Some((9, 1))),
        ("8.0~beta1", Some((8, 0))),
        ("9", Some((9, 0))),
        ("", None),
        ("pve", None),
        ("99999999999.1", None),
    ] {
        let parsed = Version::parse(text).map(|version| (version.major, version.minor));
        assert_eq!(parsed, version, "{text}");
    }
    assert!(Version::parse("10.0") > Some(Version::TOKENS));
    assert!(Version::parse("6.1-8") < Some(Version::TOKENS));
}

#[test]
fn the_release_of_old_versions_is_no_version() {
    let body = br#"{"data":{"version":"5.4","release":"13","repoid":"aee6f0ec","keyboard":"de"}}"#;
    let (text, version) = parse_version(body).unwrap();
    assert_eq!(text.as_deref(), Some("5.4"));
    assert_eq!(version, Some(Version { major: 5, minor: 4 }));
    assert!(parse_version(br#"{"data":{"status":"ok"}}"#).is_err());
}

#[test]
fn a_cluster_of_today() {
    let status = parse_status(
        br#"{"data":[
        {"type":"node","id":"node/b","name":"b","nodeid":2,"online":0,"local":0,"level":""},
        {"type":"cluster","id":"cluster","name":"yard","nodes":2,"quorate":0,"version":4},
        {"type":"node","id":"node/a","name":"a","nodeid":1,"online":1,"local":1,"ip":"192.0.2.1","level":""},
        {"type":"node","id":"node/?"}]}"#,
    )
    .unwrap();
    assert_eq!(status.name.as_deref(), Some("yard"));
    assert_eq!(status.quorate, Some(false));
    let members: Vec<_> = status
        .members
        .iter()
        .map(|member| (&*member.name, member.address.as_deref(), member.online))
        .collect();
    assert_eq!(
        members,
        [
            ("a", Some("192.0.2.1"), Some(true)),
            ("b", None, Some(false))
        ]
    );
}

#[test]
fn a_cluster_of_3_4_has_its_quorum_beside_it() {
    let status = parse_status(
        br#"{"data":[
        {"type":"cluster","id":"cluster","name":"old","ident":"61923"},
        {"type":"quorum","id":"quorum","quorate":"1","groupmember":"1"},
        {"type":"node","id":"node/old1","name":"old1","state":1,"pmxcfs":1,"ip":"192.0.2.34"},
        {"type":"node","id":"node/old2","name":"old2","state":0,"pmxcfs":0},
        {"type":"group","name":"pvevm:101"}]}"#,
    )
    .unwrap();
    assert_eq!(status.quorate, Some(true));
    let online: Vec<_> = status.members.iter().map(|member| member.online).collect();
    assert_eq!(online, [Some(true), Some(false)]);
}

#[test]
fn standalone_has_no_quorum_to_lose() {
    let body = br#"{"data":[{"type":"node","id":"node/golem","name":"golem","nodeid":0,"online":1,"local":1,"ip":"192.0.2.9","level":""}]}"#;
    let status = parse_status(body).unwrap();
    assert_eq!((status.name, status.quorate), (None, None));
    assert_eq!(status.members.len(), 1);
}

#[test]
fn a_privilege_with_the_value_0_is_held() {
    let rights = parse_rights(
        br#"{"data":{"/":{"Sys.Audit":0},"/vms/100":{"VM.PowerMgmt":1},"/storage":{"Datastore.Audit":1}}}"#,
    )
    .unwrap();
    assert!(rights.known);
    assert_eq!(rights.missing, [Text::clean("VM.Audit")]);
}

#[test]
fn a_token_without_rights_misses_them_all() {
    let rights = parse_rights(br#"{"data":{}}"#).unwrap();
    let missing: Vec<_> = rights.missing.iter().map(Text::as_str).collect();
    assert_eq!(missing, NEEDED);
}

#[test]
fn a_node_tells_of_itself() {
    let detail = parse_node(
        "node1".into(),
        br#"{"data":{"idle":0,"cpu":0.0026,"wait":0.0121,"loadavg":["0.61","0.72","0.80"],
        "swap":{"total":4294963200,"free":4294963200,"used":0},
        "pveversion":"pve-manager/7.4-16/0f39f621",
        "kversion":"Linux 5.15.108-1-pve #1 SMP PVE 5.15.108-2 (2023-07-20T10:06Z)",
        "cpuinfo":{"model":"Intel(R) Core(TM) i7-6700 CPU @ 3.40GHz","mhz":"3400.000","hvm":"1"}}}"#,
    )
    .unwrap();
    assert_eq!(detail.load, Some([0.61, 0.72, 0.80]));
    assert_eq!(detail.io_wait.map(Fraction::percent), Some(1));
    assert_eq!(detail.swap, Some((Bytes(0), Bytes(4_294_963_200))));
    assert_eq!(detail.pve_version.as_deref(), Some("7.4-16"));
    assert_eq!(detail.kernel.as_deref(), Some("5.15.108-1-pve"));
    assert_eq!(
        detail.cpu_model.as_deref(),
        Some("Intel(R) Core(TM) i7-6700 CPU @ 3.40GHz")
    );
    assert_eq!(detail.missing, None);
}

#[test]
fn nonsense_in_a_node_costs_the_field() {
    let detail = parse_node(
        "n".into(),
        br#"{"data":{"wait":"soon","loadavg":"0.61","swap":null,"cpuinfo":[],"pveversion":"9.2","kversion":""}}"#,
    )
    .unwrap();
    assert_eq!(detail.load, None);
    assert_eq!(detail.io_wait, None);
    assert_eq!(detail.swap, None);
    assert_eq!(detail.pve_version.as_deref(), Some("9.2"));
    assert_eq!(detail.kernel, None);
    let short = parse_node("n".into(), br#"{"data":{"loadavg":["1","2"]}}"#).unwrap();
    assert_eq!(short.load, None);
}

#[test]
fn the_clock_of_the_server_is_compared() {
    let now = Moment::from_unix(1_606_311_070).unwrap();
    assert_eq!(clock_ahead("Wed, 25 Nov 2020 13:31:10 GMT", now), Some(0));
    assert_eq!(clock_ahead("Wed, 25 Nov 2020 13:36:10 GMT", now), Some(300));
    assert_eq!(clock_ahead("yesterday", now), None);
}
