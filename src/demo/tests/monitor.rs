//! The Checkmk look-alike: credentials, columns, the query language, states.

use serde_json::json;

use super::super::Trouble;
use super::*;

const SERVICES: &str = "/domain-types/service/collections/all";
const HOSTS: &str = "/domain-types/host/collections/all";

async fn services(lab: &Lab, columns: &[&str], query: &Value) -> Vec<Value> {
    let mut path = url::form_urlencoded::Serializer::new(String::new());
    for column in columns {
        path.append_pair("columns", column);
    }
    path.append_pair("query", &query.to_string());
    let answer = checkmk(lab, &format!("{SERVICES}?{}", path.finish())).await;
    assert_eq!(
        answer.status,
        200,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    let items = answer.rows("value");
    items
        .iter()
        .map(|item| item["extensions"].clone())
        .collect()
}

fn is(column: &str, op: &str, value: &str) -> Value {
    json!({"op": op, "left": column, "right": value})
}

#[tokio::test]
async fn headers_and_credentials_are_checked() {
    let lab = lab().await;
    let version = checkmk(&lab, "/version").await;
    assert_eq!(version.json()["versions"]["checkmk"], "2.3.0p20.cre");
    assert!(version.head.contains("x-checkmk-version: 2.3.0p20"));
    let path = "/look/check_mk/api/1.0/version";
    let bare = send(&lab, Server::Checkmk, "GET", path, "").await;
    assert_eq!(bare.status, 406);
    let wrong = "Accept: */*\r\nAuthorization: Bearer automation guess\r\n";
    let wrong = send(&lab, Server::Checkmk, "GET", path, wrong).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.json()["title"], "Wrong credentials (Bearer header)");
    assert!(wrong.head.contains("application/problem+json"));
    assert!(!wrong.head.contains("x-checkmk-version"));
    let site = send(
        &lab,
        Server::Checkmk,
        "GET",
        "/other/check_mk/api/1.0/version",
        "",
    )
    .await;
    assert_eq!(site.status, 404);
    assert!(site.head.contains("text/html"));
}

#[tokio::test]
async fn lists_are_read_by_get_or_by_post_but_not_both() {
    let lab = lab().await;
    let secret = lab.world.secrets.automation.clone();
    let body = r#"{"columns":["state"],"query":{"op":"=","left":"host_name","right":"wiki"}}"#;
    let rest = format!(
        "Authorization: Bearer automation {secret}\r\nAccept: */*\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let path = format!("/look/check_mk/api/1.0{SERVICES}");
    let refused = send(&lab, Server::Checkmk, "POST", &path, &rest).await;
    assert_eq!(refused.status, 405);
    lab.misbehave(Server::Checkmk, Some(Trouble::OnlyPost))
        .await;
    assert_eq!(checkmk(&lab, SERVICES).await.status, 405);
    let taken = send(&lab, Server::Checkmk, "POST", &path, &rest).await;
    assert_eq!(taken.status, 200);
    let rows = taken.rows("value");
    assert!(rows.len() >= 12);
    assert!(
        rows.iter()
            .all(|row| row["extensions"]["host_name"] == "wiki")
    );
}

#[tokio::test]
async fn columns_are_known_or_named_in_the_error() {
    let lab = lab().await;
    let answer = checkmk(&lab, &format!("{HOSTS}?columns=state&columns=bogus")).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json()["fields"]["columns"]["1"][0],
        "Unknown column: hosts.bogus"
    );
    let comma = checkmk(&lab, &format!("{HOSTS}?columns=state,name")).await;
    assert_eq!(comma.status, 400);
    let field = checkmk(&lab, &format!("{HOSTS}?limit=3")).await;
    assert_eq!(field.json()["fields"]["limit"][0], "Unknown field.");
    let without = Trouble::Without("labels".to_owned());
    lab.misbehave(Server::Checkmk, Some(without)).await;
    let answer = checkmk(&lab, &format!("{HOSTS}?columns=labels")).await;
    assert_eq!(
        answer.json()["fields"]["columns"]["0"][0],
        "Unknown column: hosts.labels"
    );
}

#[tokio::test]
async fn hosts_count_their_services() {
    let lab = lab().await;
    let columns = "columns=alias&columns=num_services_crit&columns=num_services_ok&columns=labels&columns=num_services_pending";
    let hosts = checkmk(&lab, &format!("{HOSTS}?{columns}"))
        .await
        .rows("value");
    assert_eq!(hosts.len(), 24);
    let host = |name: &str| {
        let found = hosts.iter().find(|host| host["extensions"]["name"] == name);
        found.unwrap()["extensions"].clone()
    };
    assert_eq!(host("pikachu")["num_services_crit"], 1);
    assert_eq!(host("pikachu")["labels"]["hetzner/place"], "RZ 10");
    assert_eq!(host("jitsi")["alias"], "meet");
    assert_eq!(host("dns")["num_services_pending"], 1);
    assert_eq!(
        checkmk(&lab, "/objects/host/wiki?columns=state")
            .await
            .json()["extensions"]["state"],
        0
    );
    assert_eq!(
        checkmk(&lab, "/objects/host/nobody?columns=state")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn the_query_language_selects() {
    let lab = lab().await;
    let all = services(&lab, &["state"], &json!({})).await;
    assert!((220..300).contains(&all.len()), "{}", all.len());
    let problems = services(&lab, &["state"], &is("state", "!=", "0")).await;
    assert!((8..14).contains(&problems.len()), "{problems:?}");
    let handled = json!({"op": "and", "expr": [
        is("services.state", "=", "2"),
        {"op": "or", "expr": [is("acknowledged", "=", "1"), is("scheduled_downtime_depth", ">", "0")]},
    ]});
    assert_eq!(services(&lab, &[], &handled).await.len(), 3);
    let not = json!({"op": "not", "expr": is("state", ">=", "0")});
    assert_eq!(services(&lab, &[], &not).await.len(), 0);
    let checks = "^(check_mk-postfix_mailq|check_mk_active-(httpv2|cert))";
    let web = services(&lab, &["check_command"], &is("check_command", "~", checks)).await;
    assert_eq!(web.len(), 2 * 16 + 3);
    let queues = is("description", "~~", "mail ?queue|postfix queue");
    assert_eq!(services(&lab, &[], &queues).await.len(), 4);
    let bad = checkmk(&lab, &format!("{SERVICES}?query=%7Bnope")).await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn every_kind_of_trouble_of_an_ordinary_day_is_there() {
    let lab = lab().await;
    let columns = [
        "state",
        "acknowledged",
        "scheduled_downtime_depth",
        "is_flapping",
        "staleness",
        "has_been_checked",
        "plugin_output",
        "perf_data",
        "last_check",
        "state_type",
        "comments_with_extra_info",
        "long_plugin_output",
    ];
    let rows = services(&lab, &columns, &json!({})).await;
    let one = |host: &str, name: &str| {
        let row = rows
            .iter()
            .find(|row| row["host_name"] == host && row["description"] == name);
        row.unwrap().clone()
    };
    let disk = one("pikachu", "SMART /dev/sdb Stats");
    assert_eq!(
        (&disk["state"], &disk["acknowledged"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(disk["comments_with_extra_info"][0][3], 4);
    // Two characters, not a newline.
    assert!(disk["long_plugin_output"].as_str().unwrap().contains("\\n"));
    assert_eq!(
        one("liquid", "Systemd Service Summary")["scheduled_downtime_depth"],
        1
    );
    assert_eq!(one("router", "Interface 3")["is_flapping"], 1);
    assert!(
        one("stream.example.net", "Icecast Listeners")["staleness"]
            .as_f64()
            .unwrap()
            > 1.5
    );
    let pending = one("dns", "DNSSEC Signatures");
    assert_eq!(
        (&pending["has_been_checked"], &pending["state"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(pending["last_check"], 0);
    assert_eq!(one("cloud", "Nextcloud Cron")["state_type"], 0);
    let certificate = one("pad", "CERT pad.example.org");
    assert_eq!(certificate["state"], 1);
    assert!(
        certificate["plugin_output"]
            .as_str()
            .unwrap()
            .starts_with("Server certificate validity: 9 day(s)")
    );
    let queue = one("mail.example.org", "Postfix Queue default");
    assert!(queue["perf_data"].as_str().unwrap().starts_with("length="));
    let open_braces = rows.iter().filter(|row| row.to_string().contains("{v}"));
    assert_eq!(open_braces.count(), 0);
}
