//! Both Proxmox look-alikes: logins, shapes by version, tasks.

use super::*;

async fn login(lab: &Lab, password: &str) -> Reply {
    let body = format!("username=vigie%40pve&password={password}");
    let rest = format!(
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    send(
        lab,
        Server::Pikachu,
        "POST",
        "/api2/json/access/ticket",
        &rest,
    )
    .await
}

async fn ticket(lab: &Lab) -> String {
    let answer = login(lab, &lab.world.secrets.password).await;
    answer.json()["data"]["ticket"].as_str().unwrap().to_owned()
}

async fn pikachu(lab: &Lab, path: &str) -> Reply {
    let header = format!("Cookie: PVEAuthCookie={}\r\n", ticket(lab).await);
    send(
        lab,
        Server::Pikachu,
        "GET",
        &format!("/api2/json{path}"),
        &header,
    )
    .await
}

#[tokio::test]
async fn a_token_opens_golem_and_nothing_else_does() {
    let lab = lab().await;
    let version = golem(&lab, "/version").await.json();
    assert_eq!(version["data"]["release"], "9.1");
    let none = send(&lab, Server::Golem, "GET", "/api2/json/version", "").await;
    assert_eq!((none.status, none.reason.as_str()), (401, "No ticket"));
    assert!(none.body.is_empty());
    let wrong = "Authorization: PVEAPIToken=vigie@pve!tui=00000000-0000\r\n";
    let wrong = send(&lab, Server::Golem, "GET", "/api2/json/version", wrong).await;
    assert_eq!(wrong.reason, "Authentication failed!");
    assert!(wrong.body.is_empty());
}

#[tokio::test]
async fn pikachu_wants_a_ticket_and_knows_no_tokens() {
    let lab = lab().await;
    let token = format!(
        "Authorization: PVEAPIToken=vigie@pve!tui={}\r\n",
        lab.world.secrets.token
    );
    let refused = send(&lab, Server::Pikachu, "GET", "/api2/json/version", &token).await;
    assert_eq!(
        (refused.status, refused.reason.as_str()),
        (401, "No ticket")
    );
    let wrong = login(&lab, "guess").await;
    assert_eq!(wrong.reason, "authentication failure");
    assert_eq!(wrong.json()["data"], Value::Null);
    let version = pikachu(&lab, "/version").await.json();
    assert_eq!(version["data"]["version"], "3.4");
    assert_eq!(version["data"]["release"], "16");
}

#[tokio::test]
async fn a_ticket_renews_itself_until_it_expires() {
    let lab = lab().await;
    let old = ticket(&lab).await;
    let encoded: String = url::form_urlencoded::byte_serialize(old.as_bytes()).collect();
    assert_eq!(login(&lab, &encoded).await.status, 200);
    lab.expire_tickets();
    assert_eq!(login(&lab, &encoded).await.status, 401);
    let header = format!("Cookie: PVEAuthCookie={old}\r\n");
    let answer = send(&lab, Server::Pikachu, "GET", "/api2/json/version", &header).await;
    assert_eq!(answer.reason, "permission denied - invalid ticket");
}

#[tokio::test]
async fn resources_have_the_shape_of_their_version() {
    let lab = lab().await;
    let new = golem(&lab, "/cluster/resources").await.rows("data");
    let old = pikachu(&lab, "/cluster/resources").await.rows("data");
    let of = |rows: &[Value], id: &str| {
        let row = rows.iter().find(|row| row["id"] == id);
        row.cloned().unwrap_or(Value::Null)
    };
    let kinds = |rows: &[Value], kind: &str| rows.iter().filter(|row| row["type"] == kind).count();
    assert_eq!((kinds(&new, "lxc"), kinds(&new, "qemu")), (17, 2));
    assert_eq!((kinds(&new, "network"), kinds(&old, "network")), (1, 0));
    assert_eq!(kinds(&old, "openvz"), 7);

    assert_eq!(of(&new, "node/golem")["status"], "online");
    assert_eq!(of(&old, "node/pikachu")["status"], Value::Null);
    assert!(of(&old, "node/pikachu")["uptime"].is_i64());
    assert_eq!(of(&new, "storage/golem/local-zfs")["plugintype"], "zfspool");
    assert_eq!(of(&old, "storage/pikachu/local")["status"], Value::Null);

    assert_eq!(of(&new, "lxc/105")["status"], "running");
    assert_eq!(of(&new, "lxc/900")["template"], 1);
    assert_eq!(of(&new, "lxc/105")["maxcpu"].as_u64(), Some(4));
    assert_eq!(of(&new, "lxc/118")["maxcpu"].as_f64(), Some(0.5));
    assert_eq!(of(&new, "qemu/111")["disk"], 0);
    assert_eq!(of(&old, "openvz/206")["status"], "mounted");
    assert_eq!(of(&old, "openvz/207")["status"], Value::Null);
    assert_eq!(
        of(&old, "openvz/206")["maxdisk"].as_f64(),
        Some(9.444_732_965_739_29e21)
    );

    let filtered = golem(&lab, "/cluster/resources?type=storage")
        .await
        .rows("data");
    assert_eq!(filtered.len(), 3);
}

#[tokio::test]
async fn openvz_lists_have_their_numbers_as_text() {
    let lab = lab().await;
    let rows = pikachu(&lab, "/nodes/pikachu/openvz").await.rows("data");
    assert_eq!(rows[0]["vmid"], "201");
    assert!(rows[0]["nproc"].is_string());
    assert_eq!(rows[6]["nproc"], 0);
    assert_eq!(rows[6]["ip"], "-");
}

#[tokio::test]
async fn what_a_version_does_not_have_is_not_implemented() {
    let lab = lab().await;
    let missing = golem(&lab, "/nodes/golem/openvz").await;
    assert_eq!(missing.status, 501);
    assert_eq!(
        missing.reason,
        "Method 'GET /nodes/golem/openvz' not implemented"
    );
    assert!(
        missing
            .head
            .to_ascii_lowercase()
            .contains("connection: close")
    );
    assert_eq!(pikachu(&lab, "/nodes/pikachu/lxc").await.status, 501);
    assert_eq!(pikachu(&lab, "/access/permissions").await.status, 501);
    let unknown = pikachu(&lab, "/nodes/pikachu/tasks?typefilter=vzdump").await;
    assert_eq!(unknown.status, 400);
    assert!(unknown.json()["errors"]["typefilter"].is_string());
    let gone = golem(&lab, "/nodes/golem/lxc/555/config").await;
    assert_eq!(
        gone.reason,
        "Configuration file 'nodes/golem/lxc/555.conf' does not exist"
    );
}

#[tokio::test]
async fn a_standalone_node_has_no_cluster_entry() {
    let lab = lab().await;
    let new = golem(&lab, "/cluster/status").await.rows("data");
    assert_eq!(new.len(), 1);
    assert_eq!(
        (&new[0]["online"], &new[0]["nodeid"]),
        (&1.into(), &0.into())
    );
    let old = pikachu(&lab, "/cluster/status").await.rows("data");
    assert_eq!(old[0]["state"], 1);
    assert_eq!(old[0]["online"], Value::Null);
}

#[tokio::test]
async fn tasks_run_and_end() {
    let lab = lab().await;
    let tasks = golem(&lab, "/cluster/tasks").await.rows("data");
    assert!(tasks.len() <= 25);
    // A backup begins with the demo.
    assert_eq!(tasks[0]["type"], "vzdump");
    assert_eq!(tasks[0]["endtime"], Value::Null);
    assert_eq!(tasks[0]["saved"], "0");
    let id = tasks[0]["id"].as_str().unwrap().to_owned();
    let rows = golem(&lab, "/cluster/resources").await.rows("data");
    let busy: Vec<_> = rows.iter().filter(|row| row["lock"] == "backup").collect();
    assert_eq!(busy.len(), 1);
    assert_eq!(busy[0]["vmid"].to_string(), id);

    lab.skip(Duration::from_secs(30));
    let done = golem(&lab, &format!("/nodes/golem/tasks?vmid={id}&limit=1")).await;
    assert_eq!(done.rows("data")[0]["status"], "OK");
    assert!(done.json()["total"].as_u64().unwrap() >= 2);
    let upid = done.rows("data")[0]["upid"].as_str().unwrap().to_owned();
    let status = golem(&lab, &format!("/nodes/golem/tasks/{upid}/status"))
        .await
        .json();
    assert_eq!(status["data"]["exitstatus"], "OK");
    let log = golem(&lab, &format!("/nodes/golem/tasks/{upid}/log")).await;
    assert_eq!(log.rows("data").last().unwrap()["t"], "TASK OK");
    let failed = golem(&lab, "/nodes/golem/tasks?errors=1")
        .await
        .rows("data");
    assert!(failed.iter().all(|task| task["status"] != "OK"));
    assert!(!failed.is_empty());
    let token = golem(&lab, "/nodes/golem/tasks?userfilter=vigie")
        .await
        .rows("data");
    assert_eq!(token[0]["tokenid"], "tui");
}

#[tokio::test]
async fn a_credential_without_privileges_sees_empty_lists() {
    let lab = lab().await;
    let seen = golem(&lab, "/access/permissions").await.json();
    assert_eq!(seen["data"]["/"]["VM.Audit"], 1);
    lab.misbehave(Server::Golem, Some(super::super::Trouble::EmptyLists))
        .await;
    assert_eq!(
        golem(&lab, "/cluster/resources").await.rows("data").len(),
        0
    );
    assert_eq!(golem(&lab, "/cluster/status").await.status, 403);
    let seen = golem(&lab, "/access/permissions").await.json();
    assert_eq!(seen["data"], serde_json::json!({}));
}

#[tokio::test]
async fn a_thousand_guests_are_streamed() {
    let options = Options {
        scenario: Scenario::Calm,
        size: Some(1000),
    };
    let lab = Lab::start(options).await.unwrap();
    let answer = golem(&lab, "/cluster/resources?type=vm").await;
    assert!(answer.head.to_ascii_lowercase().contains("chunked"));
    let rows = answer.rows("data");
    assert_eq!(rows.len(), 1000);
    let mut ids: Vec<u64> = rows
        .iter()
        .map(|row| row["vmid"].as_u64().unwrap())
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1000);
    assert!(rows.iter().any(|row| row["status"] == "stopped"));
    let all = checkmk(&lab, "/domain-types/service/collections/all").await;
    assert_eq!(all.rows("value").len(), 10_000);
    let problems = checkmk(
        &lab,
        "/domain-types/service/collections/all?query=%7B%22op%22%3A%22%21%3D%22%2C%22left%22%3A%22state%22%2C%22right%22%3A%220%22%7D",
    )
    .await;
    assert!((90..130).contains(&problems.rows("value").len()));
    // Nothing fits among ten thousand rows: the list pauses on its way, and ends.
    let none = checkmk(
        &lab,
        "/domain-types/service/collections/all?query=%7B%22op%22%3A%22%3D%22%2C%22left%22%3A%22state%22%2C%22right%22%3A%229%22%7D",
    )
    .await;
    assert_eq!(none.rows("value").len(), 0);
}
