//! The Redmine look-alike: key, paging, filters, journals, silence.

use super::*;

#[tokio::test]
async fn a_wrong_key_is_refused_without_a_word() {
    let lab = lab().await;
    let me = redmine(&lab, "/users/current.json").await.json();
    assert_eq!(me["user"]["login"], "svc-vigie");
    let wrong = "X-Redmine-API-Key: 0000\r\n";
    let refused = send(&lab, Server::Redmine, "GET", "/issues.json", wrong).await;
    assert_eq!(refused.status, 401);
    assert!(refused.body.is_empty());
    assert!(refused.head.contains("www-authenticate"));
    let missing = redmine(&lab, "/issues/9999.json").await;
    assert_eq!((missing.status, missing.body.len()), (404, 0));
    assert_eq!(redmine(&lab, "/users.json").await.status, 403);
    assert!(
        redmine(&lab, "/activity.json")
            .await
            .head
            .contains("text/html")
    );
}

#[tokio::test]
async fn lists_come_in_pages() {
    let lab = lab().await;
    let first = redmine(&lab, "/issues.json?status_id=*").await.json();
    assert_eq!(first["limit"], 25);
    assert_eq!(first["issues"].as_array().unwrap().len(), 25);
    assert_eq!(first["total_count"], 57);
    let rest = redmine(&lab, "/issues.json?status_id=*&limit=1000&offset=25")
        .await
        .json();
    assert_eq!((&rest["limit"], &rest["offset"]), (&100.into(), &25.into()));
    assert_eq!(rest["issues"].as_array().unwrap().len(), 32);
    let beyond = redmine(&lab, "/issues.json?offset=5000&limit=-3")
        .await
        .json();
    assert_eq!(beyond["issues"].as_array().unwrap().len(), 0);
    assert_eq!(beyond["limit"], 25);
    // Without a word about the status: open ones only.
    let open = redmine(&lab, "/issues.json?limit=100").await.rows("issues");
    assert!(
        open.iter()
            .all(|issue| issue["status"]["is_closed"] == false)
    );
    assert!(open.len() < 57);
}

#[tokio::test]
async fn filters_are_honoured_refused_or_ignored() {
    let lab = lab().await;
    let newest = redmine(
        &lab,
        "/issues.json?status_id=*&sort=updated_on:desc&limit=1",
    )
    .await;
    let newest = newest.rows("issues")[0].clone();
    let since = newest["updated_on"].as_str().unwrap();
    let path = format!("/issues.json?status_id=*&updated_on=%3E%3D{since}");
    let same = redmine(&lab, &path).await.rows("issues");
    assert_eq!(same.len(), 1);
    assert_eq!(same[0]["id"], newest["id"]);
    let bad = redmine(
        &lab,
        "/issues.json?updated_on=%3E%3D2026-11-21T20:06:19%2B01:00",
    )
    .await;
    assert_eq!(bad.status, 422);
    assert_eq!(bad.json()["errors"][0], "Updated is invalid");
    let project = redmine(&lab, "/issues.json?project_id=mail&status_id=*&limit=100").await;
    assert!(
        project
            .rows("issues")
            .iter()
            .all(|issue| issue["project"]["name"] == "Mail")
    );
    assert_eq!(
        redmine(&lab, "/issues.json?project_id=nope").await.status,
        404
    );
    let ignored = redmine(&lab, "/issues.json?status_id=*&colour=blue")
        .await
        .json();
    assert_eq!(ignored["total_count"], 57);
}

#[tokio::test]
async fn journals_come_newest_first_and_texts_untouched() {
    let lab = lab().await;
    let answer = redmine(&lab, "/issues/482.json?include=journals,attachments").await;
    let issue = answer.json()["issue"].clone();
    let ids: Vec<u64> = issue["journals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|journal| journal["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids.len(), 5);
    assert!(ids.is_sorted_by(|a, b| a > b));
    assert_eq!(issue["journals"][0]["private_notes"], true);
    let details = &issue["journals"][4]["details"];
    assert_eq!(details[0]["name"], "status_id");
    assert_eq!(details[0]["new_value"], "2");
    assert!(
        issue["description"]
            .as_str()
            .unwrap()
            .contains("\r\n|_. attribute")
    );
    assert_eq!(issue["attachments"][0]["filename"], "smartctl-sdb.txt");
    assert_eq!(issue["custom_fields"][0]["value"], "pikachu");
    let hostile = redmine(&lab, "/issues/484.json").await;
    let subject = hostile.json()["issue"]["subject"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(subject.contains("\u{1b}[31m") && subject.contains('\u{202e}'));
    let wire = String::from_utf8(redmine(&lab, "/issues/482.json").await.body).unwrap();
    assert!(!wire.contains('<'));
    let unset = redmine(&lab, "/issues/456.json").await.json();
    assert_eq!(unset["issue"].get("assigned_to"), None);
    assert_eq!(unset["issue"]["due_date"], Value::Null);
}

#[tokio::test]
async fn projects_and_members_are_told() {
    let lab = lab().await;
    let projects = redmine(&lab, "/projects.json").await.rows("projects");
    assert_eq!(projects.len(), 5);
    let members = redmine(&lab, "/projects/systems/memberships.json")
        .await
        .rows("memberships");
    assert_eq!(members[0]["group"]["name"], "Operators");
    assert!(
        members
            .iter()
            .any(|member| member["user"]["name"] == "Anne Bonny")
    );
    let statuses = redmine(&lab, "/issue_statuses.json")
        .await
        .rows("issue_statuses");
    assert_eq!(statuses.len(), 7);
    assert_eq!(
        redmine(&lab, "/projects/nope/memberships.json")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn tickets_change_while_the_demo_runs() {
    let lab = lab().await;
    let before = redmine(&lab, "/issues/489.json?include=journals")
        .await
        .json();
    lab.skip(Duration::from_secs(41));
    let after = redmine(&lab, "/issues/489.json?include=journals")
        .await
        .json();
    let journals = |json: &Value| json["issue"]["journals"].as_array().unwrap().len();
    assert_eq!(journals(&after), journals(&before) + 1);
    assert!(after["issue"]["updated_on"].as_str() > before["issue"]["updated_on"].as_str());
    let details = &after["issue"]["journals"][0]["details"];
    assert_eq!(details[0]["name"], "done_ratio");
    assert_eq!(details[0]["new_value"], "30");
    let feed = redmine(
        &lab,
        "/issues.json?status_id=*&sort=updated_on:desc&limit=1",
    )
    .await;
    assert_eq!(feed.rows("issues")[0]["id"], 489);
}
