//! Answers of servers, as large as they get.

use std::fmt::Write as _;

/// `/cluster/resources` with this many guests on ten nodes.
pub fn guests(number: usize) -> String {
    let mut body = String::from(r#"{"data":["#);
    for node in 0..10 {
        let _ = write!(
            body,
            r#"{{"type":"node","id":"node/n{node}","node":"n{node}","status":"online","cpu":0.1,"maxcpu":32,"mem":1,"maxmem":2,"uptime":1}},"#
        );
    }
    for index in 0..number {
        let comma = if index + 1 == number { "" } else { "," };
        let _ = write!(
            body,
            r#"{{"id":"lxc/{vmid}","type":"lxc","node":"n{node}","vmid":{vmid},"name":"guest{vmid}","status":"{status}","cpu":0.0{index},"maxcpu":4,"mem":{mem},"maxmem":4294967296,"disk":1234567890,"maxdisk":8589934592,"uptime":123456,"template":0,"netin":123,"netout":456,"tags":"prod;web","pool":"people"}}{comma}"#,
            vmid = 100 + index,
            node = index % 10,
            status = if index % 17 == 0 {
                "stopped"
            } else {
                "running"
            },
            mem = 1_000_000 * (1 + index % 4000),
        );
    }
    body.push_str("]}");
    body
}

/// A Checkmk service collection of this many rows.
pub fn services(number: usize) -> String {
    let mut body = String::from(r#"{"links":[],"domainType":"service","id":"all","value":["#);
    for index in 0..number {
        let comma = if index + 1 == number { "" } else { "," };
        let _ = write!(
            body,
            r#"{{"links":[],"domainType":"service","id":"h{host}:s{index}","title":"s","members":{{}},"extensions":{{"host_name":"guest{host}","description":"Service {index}","state":{state},"state_type":1,"acknowledged":0,"scheduled_downtime_depth":0,"host_scheduled_downtime_depth":0,"has_been_checked":1,"is_flapping":0,"staleness":0.3,"last_state_change":1790000000,"last_check":1790000100,"plugin_output":"CRIT - something is wrong here","check_command":"check_mk-df","perf_data":"used=12.5;80;90;0;100","host_state":0}}}}{comma}"#,
            host = 100 + index / 10,
            state = index % 4,
        );
    }
    body.push_str("]}");
    body
}
