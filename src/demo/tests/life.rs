//! What moves by itself, and the outage.

use super::super::sample::Queue;
use super::*;

#[tokio::test]
async fn figures_wobble_within_reason() {
    let lab = lab().await;
    let world = &lab.world;
    let now = world.now();
    let cpu = |at| {
        let guest = super::super::machines::guest_by_vmid(world, Server::Golem, 105, at);
        guest.unwrap().cpu
    };
    let values: Vec<f64> = (0..100).map(|step| cpu(now + step * 4)).collect();
    assert!(values.iter().all(|value| (0.0..0.3).contains(value)));
    assert!(values.iter().any(|value| (value - values[0]).abs() > 0.01));
}

#[tokio::test]
async fn queues_rise_and_drain() {
    let lab = lab().await;
    let start = lab.world.start();
    let depths: Vec<i64> = (0..300)
        .map(|at| lab.world.depth(Queue::Postfix, start + at))
        .collect();
    let (least, most) = (depths.iter().min().unwrap(), depths.iter().max().unwrap());
    assert!(*least >= 0 && *most < 50 && most - least > 10);
    assert_eq!(lab.world.depth(Queue::Newsletter, start), 180);
    assert_eq!(lab.world.depth(Queue::Newsletter, start + 200), 0);
}

#[tokio::test]
async fn the_wiki_dies_recovers_and_dies_again() {
    let lab = outage().await;
    let state = async || {
        let rows = golem(&lab, "/cluster/resources?type=vm").await.rows("data");
        let wiki = rows.iter().find(|row| row["vmid"] == 105).unwrap().clone();
        wiki["status"].as_str().unwrap().to_owned()
    };
    let critical = async || {
        let query = "%7B%22op%22%3A%22and%22%2C%22expr%22%3A%5B%7B%22op%22%3A%22%3D%22%2C%22left%22%3A%22host_name%22%2C%22right%22%3A%22wiki%22%7D%2C%7B%22op%22%3A%22%3D%22%2C%22left%22%3A%22state%22%2C%22right%22%3A%222%22%7D%5D%7D";
        let path = format!("/domain-types/service/collections/all?query={query}");
        checkmk(&lab, &path).await.rows("value").len()
    };
    assert_eq!(state().await, "stopped");
    assert_eq!(critical().await, 5);
    let tasks = golem(&lab, "/nodes/golem/tasks?vmid=105&typefilter=vzshutdown").await;
    let task = tasks.rows("data")[0].clone();
    assert_eq!(
        (&task["user"], &task["status"]),
        (&"anne@pam".into(), &"OK".into())
    );
    let ended = task["endtime"].as_i64().unwrap();
    assert_eq!(lab.world.start() - ended, 12 * 60);
    assert_eq!(lab.world.depth(Queue::Newsletter, lab.world.start()), 214);
    let ticket = super::redmine(&lab, "/issues/490.json").await.json();
    assert_eq!(ticket["issue"]["subject"], "Wiki down");

    lab.skip(Duration::from_secs(95));
    assert_eq!(state().await, "running");
    assert_eq!(critical().await, 0);
    lab.skip(Duration::from_mins(3));
    assert_eq!(state().await, "stopped");
}

#[tokio::test]
async fn a_calm_day_has_no_outage() {
    let lab = lab().await;
    assert_eq!(redmine(&lab, "/issues/490.json").await.status, 404);
    assert!(!lab.world.wiki(lab.world.now()).down);
}
