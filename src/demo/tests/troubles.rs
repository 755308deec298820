//! Every way to misbehave, and the way back.

use super::super::Trouble;
use super::*;

async fn www(lab: &Lab) -> std::io::Result<Reply> {
    try_send(lab.port(Server::Web), "GET", "/www", "").await
}

#[tokio::test]
async fn down_refuses_and_comes_back_on_the_same_port() {
    let lab = lab().await;
    let port = lab.port(Server::Web);
    let mut open = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    assert_eq!(www(&lab).await.unwrap().status, 200);
    lab.misbehave(Server::Web, Some(Trouble::Down)).await;
    let refused = www(&lab).await.err().unwrap();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    // Open connections are cut too.
    assert!(matches!(open.read(&mut [0; 8]).await, Ok(0) | Err(_)));
    lab.misbehave(Server::Web, None).await;
    assert_eq!(lab.port(Server::Web), port);
    assert_eq!(www(&lab).await.unwrap().status, 200);
}

#[tokio::test]
async fn requests_are_counted_also_those_that_hang() {
    let lab = lab().await;
    lab.misbehave(Server::Web, Some(Trouble::Hang)).await;
    let waited = tokio::time::timeout(Duration::from_millis(300), www(&lab)).await;
    assert!(waited.is_err());
    assert_eq!(lab.requests(Server::Web), 1);
    assert_eq!(lab.requests_to(Server::Web, "/www"), 1);
    assert_eq!(lab.requests_to(Server::Web, "/wiki"), 0);
    assert_eq!(lab.requests(Server::Golem), 0);
}

#[tokio::test]
async fn a_drip_begins_and_does_not_end() {
    let lab = lab().await;
    lab.misbehave(Server::Web, Some(Trouble::Drip)).await;
    let mut stream = TcpStream::connect(("127.0.0.1", lab.port(Server::Web)))
        .await
        .unwrap();
    stream
        .write_all(b"GET /www HTTP/1.1\r\nHost: lab\r\n\r\n")
        .await
        .unwrap();
    let mut seen = Vec::new();
    let reading = async {
        let mut byte = [0; 512];
        while let Ok(count) = stream.read(&mut byte).await {
            if count == 0 {
                break;
            }
            seen.extend_from_slice(&byte[..count]);
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_millis(1500), reading)
            .await
            .is_err()
    );
    let text = String::from_utf8_lossy(&seen);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"));
    assert!((1..=3).contains(&body.len()), "{body:?}");
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_sends() {
    let lab = lab().await;
    lab.misbehave(Server::Golem, Some(Trouble::Truncated)).await;
    let answer = golem(&lab, "/cluster/resources").await;
    let promised: usize = answer
        .head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(answer.body.len(), promised / 2);
    assert!(answer.body.starts_with(b"{\"data\":["));
}

#[tokio::test]
async fn answers_can_be_replaced() {
    let lab = lab().await;
    let status = Trouble::Status(595, "No route to host".to_owned(), String::new());
    lab.misbehave(Server::Golem, Some(status)).await;
    let answer = golem(&lab, "/version").await;
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (595, "No route to host")
    );
    lab.misbehave(Server::Golem, Some(Trouble::LoginPage)).await;
    let answer = golem(&lab, "/version").await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("text/html"));
    lab.misbehave(Server::Golem, Some(Trouble::Garbage)).await;
    let answer = golem(&lab, "/version").await;
    assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
    lab.misbehave(Server::Golem, Some(Trouble::Busy("7".to_owned())))
        .await;
    assert!(
        golem(&lab, "/version")
            .await
            .head
            .contains("retry-after: 7")
    );
    lab.misbehave(Server::Golem, Some(Trouble::EmptyBody)).await;
    assert!(golem(&lab, "/version").await.body.is_empty());
    let elsewhere = Trouble::Redirect("http://192.0.2.1/".to_owned());
    lab.misbehave(Server::Golem, Some(elsewhere)).await;
    assert_eq!(golem(&lab, "/version").await.status, 302);
}

#[tokio::test]
async fn credentials_can_be_refused_on_every_server() {
    let lab = lab().await;
    for server in [Server::Golem, Server::Checkmk, Server::Redmine] {
        lab.misbehave(server, Some(Trouble::Unauthorized)).await;
    }
    assert_eq!(golem(&lab, "/version").await.status, 401);
    assert_eq!(checkmk(&lab, "/version").await.status, 401);
    assert_eq!(redmine(&lab, "/issues.json").await.status, 401);
}

#[tokio::test]
async fn a_trouble_can_be_for_one_path_only() {
    let lab = lab().await;
    let hang = Trouble::Status(500, "no".to_owned(), String::new());
    let trouble = Trouble::On("/tasks".to_owned(), Box::new(hang));
    lab.misbehave(Server::Golem, Some(trouble)).await;
    assert_eq!(golem(&lab, "/cluster/tasks").await.status, 500);
    assert_eq!(golem(&lab, "/cluster/resources").await.status, 200);
}

#[tokio::test]
async fn hostile_text_is_in_names_outputs_and_subjects() {
    let lab = lab().await;
    let evil = "\u{1b}[2J\u{202e}\u{9b}31m";
    for server in [Server::Golem, Server::Checkmk, Server::Redmine] {
        lab.misbehave(server, Some(Trouble::Hostile(evil.to_owned())))
            .await;
    }
    let guests = golem(&lab, "/cluster/resources?type=vm").await.rows("data");
    assert_eq!(guests[0]["name"], format!("proxy{evil}"));
    let hosts = "/domain-types/host/collections/all?columns=plugin_output&columns=alias";
    let host = checkmk(&lab, hosts).await.rows("value")[0]["extensions"].clone();
    assert!(host["plugin_output"].as_str().unwrap().ends_with(evil));
    assert!(host["alias"].as_str().unwrap().ends_with(evil));
    let issue = redmine(&lab, "/issues.json?limit=1").await.rows("issues")[0].clone();
    assert!(issue["subject"].as_str().unwrap().ends_with(evil));
    assert!(issue["author"]["name"].as_str().unwrap().ends_with(evil));
}
