//! `vigie init` against a real Redmine, in a terminal: from no files to a dashboard that shows its tickets.

use std::path::Path;

use vigie::config::Places;

use crate::given;
use crate::session::Session;

#[test]
fn from_no_files_to_the_tickets_of_a_real_redmine() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let variables = [
        ("HOME", path("")),
        ("XDG_CONFIG_HOME", path("config")),
        ("XDG_STATE_HOME", path("state")),
    ];
    let variables: Vec<(&str, &str)> = variables.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let program = env!("CARGO_BIN_EXE_vigie");
    let mut session = Session::start(program, &["init", "redmine"], &variables, 100, 200);
    let base = given("VIGIE_TEST_REDMINE");
    let key = given("VIGIE_TEST_REDMINE_KEY_LOOKOUT");
    // The whole dialogue stays on so high a screen: each question is one more line of it.
    for (question, answer) in [
        ("Address of its start page, such as", base.as_str()),
        ("Name of it in vigie [tickets]:", ""),
        ("Where is the API key?", "1"),
        ("API key (not shown):", key.as_str()),
        ("Whose tickets shall be shown", "all"),
        ("What are its texts written in?", "textile"),
        ("Who of them (all, none", "all"),
        ("Write it? [y/N]:", "y"),
    ] {
        session.wait_text(question);
        session.send(&format!("{answer}\n"));
    }
    session.wait_text("Written.");
    assert!(session.end().success());
    assert!(!String::from_utf8_lossy(&session.bytes()).contains(&key));
    let config = Places::within(Path::new(&path("")))
        .config_dir
        .join("vigie/config.toml");
    let text = std::fs::read_to_string(config).unwrap();
    assert!(text.contains("key = { file = \"tickets.key\" }"), "{text}");
    assert!(text.contains("[roster.team]"), "{text}");

    let mut session = Session::start(program, &[], &variables, 120, 36);
    session.wait_dashboard();
    session.send("6");
    session.wait("tickets", |screen| {
        let text = screen.contents();
        text.contains("SUBJECT") && text.contains("Anne") && text.contains("#")
    });
    session.send("q");
    assert!(session.end().success());
}
