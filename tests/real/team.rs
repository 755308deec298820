//! The team's screens over a real Redmine: memberships, roles and locked accounts joined with a roster.

use std::sync::Arc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use vigie::app::Start;
use vigie::app::{App, Keymap, Message, Tab, update};
use vigie::config::shape::System;
use vigie::domain::{Moment, Observation};
use vigie::estate::{Estate, Keeper, keeper};
use vigie::source::{Client as _, redmine, roster};
use vigie::ui::theme::{Glyphs, Theme};
use vigie::ui::view::{Look, draw};

use crate::given;

/// Anne and Mary are in both, Mary's login in other letters; Bonny Teach has another login in Redmine, Edward is
/// locked there, Jack is no member. The look-out is the dashboard's own account.
const ROSTER: &str = r#"
[[group]]
id = "system"
name = "System"
at_least = 3

[[person]]
login = "anne"
name = "Anne Bonny"
zone = "Europe/Berlin"
roles = [{ group = "system", title = "head", elected = 2020-01-01, until = 2021-01-01 }]
contacts = [{ kind = "phone", value = "+49 30 23125 101" }, { kind = "mail", value = "anne@example.org" }]

[[person]]
login = "MARY"
name = "Mary Read"
roles = [{ group = "system" }]

[[person]]
login = "teach"
name = "Bonny Teach"

[[person]]
login = "edward"
name = "Edward Low"

[[person]]
login = "jack"
name = "Jack Rackham"

[[on_call]]
group = "system"
hand_over = "daily 08:00"
zone = "Europe/Berlin"
order = ["anne"]
since = 2020-01-01
"#;

/// What the key sees of Redmine, joined with the roster.
async fn estate(key: &str, roster_text: &str) -> Arc<Estate> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("roster.toml"), roster_text).unwrap();
    let text = format!(
        "[redmine.tickets]\nurl = \"{}\"\nkey = \"{}\"\n\n[roster.team]\nfile = \"roster.toml\"\n",
        given("VIGIE_TEST_REDMINE"),
        given(&format!("VIGIE_TEST_REDMINE_KEY_{key}")),
    );
    let config = vigie::config::parse(&text, &dir.path().join("config.toml")).unwrap();
    let sources = config.sources.iter().map(|source| {
        let address = match &source.system {
            System::Redmine(redmine) => redmine.reach.urls[0].to_string(),
            _ => String::new(),
        };
        (source.name.as_str(), source.kind(), source.refresh, address)
    });
    let minute = |_, _, _| Duration::from_secs(60);
    let mut keeper = Keeper::new(keeper::sources(sources, minute), Moment::now());
    for source in &config.sources {
        for reading in source.kind().readings() {
            let answered = match &source.system {
                System::Redmine(settings) => {
                    redmine::Client::new(&source.name, settings)
                        .read(*reading)
                        .await
                }
                System::Roster(settings) => {
                    roster::Client::new(&source.name, settings)
                        .read(*reading)
                        .await
                }
                other => panic!("{other:?}"),
            };
            keeper.apply(Observation {
                source: source.id,
                reading: *reading,
                at: Moment::now(),
                took: Duration::ZERO,
                traffic: answered.traffic,
                outcome: answered.outcome,
                next: None,
            });
        }
    }
    keeper.publish()
}

/// The Team tab after some keys, as text.
fn screen(estate: &Arc<Estate>, size: (u16, u16), keys: &[&str]) -> String {
    let mut app = App::new(Start {
        now: Moment::now(),
        zone: jiff::tz::TimeZone::UTC,
        size,
        tab: Tab::Team,
        keymap: Keymap::default(),
        privacy: false,
        mouse: false,
        sample: false,
        estate: Arc::clone(estate),
        notices: vigie::config::shape::Notices::default(),
        seen: vigie::app::Seen::default(),
    });
    let look = Look {
        theme: Theme::default(),
        glyphs: Glyphs::UNICODE,
    };
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    for key in keys {
        terminal
            .draw(|frame| app.drawn = draw(&app, &look, frame))
            .unwrap();
        update(&mut app, Message::Key(key.parse().unwrap()));
    }
    terminal
        .draw(|frame| app.drawn = draw(&app, &look, frame))
        .unwrap();
    let buffer = terminal.backend().buffer();
    let lines = buffer.content.chunks(usize::from(size.0));
    lines
        .map(|line| {
            line.iter()
                .map(ratatui::buffer::Cell::symbol)
                .collect::<String>()
                + "\n"
        })
        .collect()
}

#[track_caller]
fn says(screen: &str, words: &str) {
    assert!(screen.contains(words), "{words:?} in\n{screen}");
}

#[tokio::test]
async fn the_review_says_where_roster_and_redmine_do_not_agree() {
    let estate = estate("LOOKOUT", ROSTER).await;
    let review = screen(&estate, (120, 60), &["W"]);
    says(
        &review,
        "Edward Low is in the roster, but locked in Redmine",
    );
    says(
        &review,
        "Jack Rackham (jack) is in the roster, but no member of any project in Redmine",
    );
    says(
        &review,
        "Bonny Teach: login teach in the roster, bonny in Redmine",
    );
    says(&review, "2 members, needs at least 3");
    says(&review, "Anne Bonny, head of System: term ended 2021-01-01");
    // The dashboard's own account and Redmine's groups are no people of the team.
    assert!(!review.contains("Look Out"), "{review}");
    assert!(!review.contains("Watch below"), "{review}");
    assert!(
        !review.contains("Mary Read is"),
        "logins go by letters, not by case: {review}"
    );

    let tab = screen(&estate, (80, 24), &[]);
    says(&tab, "Edward Low is in the roster, but locked in Redmine");
    says(&tab, "System: 2 members, needs at least 3");
    says(&tab, "Anne Bonny until");
}

#[tokio::test]
async fn a_member_that_the_roster_does_not_know_is_named_with_the_login() {
    let without_mary = ROSTER
        .replace("MARY", "somebody")
        .replace("Mary Read", "Some Body");
    let estate = estate("LOOKOUT", &without_mary).await;
    let review = screen(&estate, (120, 60), &["W"]);
    says(
        &review,
        "Mary Read (mary) is a member in Redmine, but not in the roster",
    );
    says(
        &review,
        "Some Body (somebody) is in the roster, but no member",
    );
}

#[tokio::test]
async fn a_person_tells_roles_tickets_and_the_account() {
    let estate = estate("LOOKOUT", ROSTER).await;
    let anne = screen(&estate, (120, 60), &["enter"]);
    says(&anne, "Infrastructure  Manager");
    says(&anne, "Council  Manager");
    says(&anne, "phone +49 30 23125 101");
    says(&anne, "election overdue");
    let bonny = screen(&estate, (120, 60), &["down", "down", "enter"]);
    says(&bonny, "Login there  bonny");
    says(&bonny, "#1 Disk sdb of pikachu is failing");
    let edward = screen(&estate, (120, 60), &["down", "down", "down", "enter"]);
    says(&edward, "account locked in tickets");
}

#[tokio::test]
async fn an_administrators_key_tells_groups_and_the_locked_by_name() {
    let estate = estate("ADMIN", ROSTER).await;
    let edward = screen(&estate, (120, 60), &["down", "down", "down", "enter"]);
    says(&edward, "account locked in tickets");
    let bonny = screen(&estate, (120, 60), &["down", "down", "enter"]);
    says(&bonny, "Groups there Watch below");
    let review = screen(&estate, (120, 60), &["W"]);
    says(
        &review,
        "Look Out (lookout) is a member in Redmine, but not in the roster",
    );
}

#[tokio::test]
async fn nothing_private_is_on_these_screens_in_private() {
    let estate = estate("LOOKOUT", ROSTER).await;
    for keys in [
        &["P"][..],
        &["P", "enter"],
        &["P", "W"],
        &["P", "C"],
        &["C", "P"],
        &["P", "S"],
    ] {
        for size in [(80, 24), (120, 60), (200, 60)] {
            let screen = screen(&estate, size, keys);
            for private in ["23125", "anne@example.org", "Label the cables", "invoice"] {
                assert!(
                    !screen.contains(private),
                    "{private} after {keys:?} in\n{screen}"
                );
            }
        }
    }
}
