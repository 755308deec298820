//! The same Redmine through the program's screens: configuration, clients, refresh, estate, model, frame.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use vigie::app::{App, Effect, Effects, Keymap, Message, Seen, Start, Tab, update};
use vigie::config;
use vigie::config::shape::{Config, Notices};
use vigie::domain::{Moment, Observation, Reading};
use vigie::estate::{Keeper, Settings, keeper};
use vigie::refresh::{Refresher, pace};
use vigie::ui::theme::{Glyphs, Theme};
use vigie::ui::view::{self, Look};

use super::{alone, base, by_hand, key};

/// Longest wait for anything that must happen; the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(2);

/// What stands in the configuration beside address and key.
const SECTIONS: &str = r#"
section = [
    { name = "Open" },
    { name = "Mine", assignee = "me" },
    { name = "Overdue", overdue = true },
    { name = "Watched", watched = true },
    { name = "Late ones", query = QUERY },
    { name = "Council", project = "council", status = "any" },
    { name = "Atlantis", tracker = "Submarine" },
    { name = "Nowhere", query = 999 },
]
"#;

/// vigie on a terminal that is a buffer.
struct Program {
    refresher: Refresher,
    observations: Receiver<Observation>,
    keeper: Keeper,
    app: App,
    tickets: (UnboundedSender<Message>, UnboundedReceiver<Message>),
    /// Listings of tickets so far.
    listings: usize,
    size: (u16, u16),
}

impl Program {
    async fn start(key: &str, size: (u16, u16)) -> Self {
        let (_, body) = by_hand("GET", "/queries.json", &super::key("lookout"), "").await;
        let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
        let mut queries = sent["queries"].as_array().unwrap().iter();
        let query = &queries.find(|query| query["name"] == "Late ones").unwrap()["id"];
        let text = format!(
            "[ui]\nzone = \"UTC\"\n[redmine.tickets]\nurl = \"{}\"\nkey = \"{key}\"\nrefresh = \"2s\"\n\
             body_cap = \"64 MiB\"\n{}",
            base(),
            SECTIONS.replace("QUERY", &query.to_string())
        );
        let config: Config = config::parse(&text, Path::new("test.toml")).unwrap();
        let sources = config.sources.iter().map(|s| {
            let address = base().to_string();
            (&*s.name, s.kind(), s.refresh, address)
        });
        let sources = keeper::sources(sources, pace::interval);
        let now = Moment::now();
        let mut keeper = Keeper::new(sources, now).with(Settings::of(&config));
        let app = App::new(Start {
            now,
            zone: jiff::tz::TimeZone::UTC,
            size,
            tab: Tab::Tickets,
            keymap: Keymap::default(),
            privacy: false,
            mouse: true,
            sample: false,
            estate: keeper.publish(),
            seen: Seen::default(),
            notices: Notices::default(),
        });
        let (refresher, observations) = Refresher::start(&config);
        Self {
            refresher,
            observations,
            keeper,
            app,
            tickets: unbounded_channel(),
            listings: 0,
            size,
        }
    }

    fn screen(&mut self) -> String {
        let look = Look {
            theme: Theme::default(),
            glyphs: Glyphs::UNICODE,
        };
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        let mut drawn = None;
        terminal
            .draw(|frame| drawn = Some(view::draw(&self.app, &look, frame)))
            .unwrap();
        self.app.drawn = drawn.unwrap();
        terminal.backend().to_string()
    }

    fn take(&mut self, message: Message) {
        let Effects { list, .. } = update(&mut self.app, message);
        for effect in list {
            match effect {
                Effect::FetchTicket(source, id) => {
                    let sender = self.tickets.0.clone();
                    self.refresher.ticket(source, id, move |outcome| {
                        let _ = sender.send(Message::Ticket(source, id, outcome));
                    });
                }
                Effect::Refresh(sources) => self.refresher.now(&sources),
                _ => {}
            }
        }
    }

    fn press(&mut self, keys: &[&str]) {
        for key in keys {
            self.screen();
            self.take(Message::Key(key.parse().unwrap()));
        }
        // The cursor rests: what is beside the table follows it.
        self.take(Message::Rested);
    }

    /// Goes on until the screen is as wanted.
    async fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let waiting = async {
            loop {
                self.take(Message::Clock(Moment::now()));
                let screen = self.screen();
                if wanted(&screen) {
                    return screen;
                }
                tokio::select! {
                    Some(observation) = self.observations.recv() => {
                        let listing = observation.reading == Reading::Tickets;
                        self.listings += usize::from(listing && observation.outcome.is_ok());
                        self.keeper.apply(observation);
                        let estate = self.keeper.publish();
                        self.take(Message::Estate(Arc::clone(&estate)));
                    }
                    Some(message) = self.tickets.1.recv() => self.take(message),
                }
            }
        };
        let waited = timeout(PATIENCE, waiting).await;
        match waited {
            Ok(screen) => screen,
            Err(_) => panic!("waited for {what}:\n{}", self.screen()),
        }
    }

    /// Everything is read: all tickets, all logs, all sections.
    async fn read(&mut self) {
        self.until("everything to be read", |screen| {
            let sections = line(screen, &["Feed ", "All "]).unwrap_or("+");
            !screen.contains("still to be read") && !sections.contains(['+', '?'])
        })
        .await;
    }

    /// Puts the cursor on a ticket of the open list.
    fn to(&mut self, id: u64) {
        self.press(&["g"]);
        for _ in 0..self.app.open_rows().len() {
            if self.app.row_ticket().map(|(_, id)| id) == Some(id) {
                return;
            }
            self.take(Message::Key("down".parse().unwrap()));
        }
        panic!("no #{id} in the list");
    }

    /// Opens a section by name.
    fn open(&mut self, section: &str) {
        for _ in 0..20 {
            if self.app.desk.section.as_deref() == Some(section) {
                return;
            }
            self.press(&[")"]);
        }
        panic!("no section {section}");
    }
}

/// The line of a screen that holds all of these.
fn line<'s>(screen: &'s str, words: &[&str]) -> Option<&'s str> {
    let mut lines = screen.lines();
    lines.find(|line| words.iter().all(|word| line.contains(word)))
}

#[tokio::test]
async fn a_note_is_in_the_feed_within_one_refresh_and_unread() {
    let _alone = alone().await;
    let mut program = Program::start(&key("lookout"), (119, 60)).await;
    program.read().await;
    let before = program.screen();
    assert!(
        before.contains("Feed ✓"),
        "all that was there is read:\n{before}"
    );

    let listings = program.listings;
    let note = r#"{"issue":{"notes":"Tar.","status_id":2,"done_ratio":20}}"#;
    let (status, _) = by_hand("PUT", "/issues/65.json", &key("anne"), note).await;
    assert_eq!(status, 204);
    let screen = program
        .until("the note", |screen| screen.contains("20 % done, note: T"))
        .await;
    // One listing may have been under way when the note came.
    let taken = program.listings - listings;
    assert!(taken <= 2, "{taken} listings");
    let told = line(&screen, &["20 % done, note: T"]).unwrap();
    assert!(told.contains('•') && told.contains(" 65 "), "{told}");
    let words = "Anne Bonny: status New → In Progress, 20 % done, note: T";
    assert!(told.contains(words), "{told}");
    assert!(
        screen.contains("Feed •1") && screen.contains("Tickets •1"),
        "{screen}"
    );

    program.press(&["m"]);
    let screen = program.screen();
    assert!(screen.contains("Feed ✓"), "{screen}");
    assert!(
        !line(&screen, &["20 % done, note: T"])
            .unwrap()
            .contains('•'),
        "{screen}"
    );
}

#[tokio::test]
async fn the_board_has_the_statuses_of_redmine() {
    let _alone = alone().await;
    let mut program = Program::start(&key("lookout"), (400, 60)).await;
    program.read().await;
    program.open("All");
    program.press(&["b", "X"]);
    let screen = program.screen();

    let (_, body) = by_hand("GET", "/issue_statuses.json", &key("lookout"), "").await;
    let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
    let mut expected = Vec::new();
    for status in sent["issue_statuses"].as_array().unwrap() {
        let path = format!("/issues.json?limit=1&status_id={}", status["id"]);
        let (_, body) = by_hand("GET", &path, &key("lookout"), "").await;
        let count: serde_json::Value = serde_json::from_str(&body).unwrap();
        expected.push(format!(
            "{} {}",
            status["name"].as_str().unwrap(),
            count["total_count"]
        ));
    }
    assert_eq!(expected.len(), 6, "{expected:?}");
    let heads = line(&screen, &["New ", "Feedback "]).unwrap();
    let mut rest = heads;
    for head in &expected {
        let at = rest.find(head.as_str());
        let at = at.unwrap_or_else(|| panic!("no {head:?} after what came before in {heads}"));
        rest = &rest[at + head.len()..];
    }
}

#[tokio::test]
async fn sections_hold_what_redmine_says_and_say_what_it_does_not_have() {
    let _alone = alone().await;
    let mut program = Program::start(&key("lookout"), (119, 60)).await;
    program.read().await;
    for (section, holds, not) in [
        ("Mine", "Infrastructure chore", "Disk sdb"),
        ("Watched", "Infrastructure chore", "Disk sdb"),
        ("Overdue", "Renew the certificate", "Infrastructure chore"),
        ("Late ones", "Renew the certificate", "Infrastructure chore"),
        ("Council", "Council chore", "Infrastructure chore"),
    ] {
        program.open(section);
        let screen = program.screen();
        assert!(
            screen.contains(holds) && !screen.contains(not),
            "{section}:\n{screen}"
        );
    }
    let screen = program.screen();
    assert!(
        screen.contains("Mine 1") && screen.contains("Watched 1"),
        "{screen}"
    );
    assert!(screen.contains("Council 20"), "closed ones too:\n{screen}");
    program.open("Nowhere");
    let screen = program.screen();
    assert!(
        screen.contains("tickets has no saved query 999"),
        "{screen}"
    );
    assert!(!screen.contains("chore"), "{screen}");
}

#[tokio::test]
async fn a_ticket_tells_all_that_hangs_together_with_it() {
    let _alone = alone().await;
    let mut program = Program::start(&key("lookout"), (119, 70)).await;
    program.read().await;
    let shows = |program: &mut Program, id: u64| {
        program.open("All");
        program.to(id);
        program.press(&["enter"]);
    };
    shows(&mut program, 8);
    let screen = program
        .until("the detail of #8", |s| s.contains("smart.txt"))
        .await;
    assert!(
        screen.contains("relates to #5 Renew the certificate"),
        "{screen}"
    );
    assert!(screen.contains("smart.txt  29 B"), "{screen}");
    // Its way leads to #5 and from there back.
    program.press(&["l", "down", "enter"]);
    let screen = program
        .until("#5", |s| s.contains("relates to #8 Log of the outage"))
        .await;
    assert!(
        screen.contains("Host") && screen.contains("mail-01"),
        "{screen}"
    );
    assert!(screen.contains("overdue by"), "{screen}");
    program.press(&["esc", "esc"]);

    shows(&mut program, 6);
    let screen = program.until("#6", |s| s.contains("part #7")).await;
    assert!(screen.contains("part #7 Label the cables  New"), "{screen}");
    program.press(&["esc"]);

    shows(&mut program, 1);
    let screen = program.until("#1", |s| s.contains("History")).await;
    assert!(screen.contains("2.5 h"), "time spent:\n{screen}");
    assert!(screen.contains("status New → In Progress"), "{screen}");
    assert!(screen.contains("assigned to Bonny Teach"), "{screen}");
    assert!(screen.contains("Reallocated_Sector_Ct 412"), "{screen}");
    let at = |words: &str| {
        screen
            .find(words)
            .unwrap_or_else(|| panic!("{words}:\n{screen}"))
    };
    assert!(
        at("30 % done") < at("New disk is ordered") && at("New disk") < at("The invoice goes"),
        "oldest first, whatever the account prefers"
    );
    assert!(
        line(&screen, &["Anne Bonny", "private note"]).is_some(),
        "{screen}"
    );
}

#[tokio::test]
async fn nothing_private_is_on_the_screen_with_privacy_on() {
    let _alone = alone().await;
    let secrets = ["Label the cables", "The invoice goes to Edward"];
    for privacy in [false, true] {
        let mut program = Program::start(&key("lookout"), (200, 150)).await;
        program.read().await;
        if privacy {
            program.press(&["P"]);
        }
        let mut seen = Vec::new();
        // The feed, each section as list and as board with what is closed, and details of whatever has to do with
        // them: the private ticket, its parent, the ticket with the private note.
        program.press(&["X"]);
        for section in ["Open", "All"] {
            seen.push(program.screen());
            program.open(section);
            program.press(&["b"]);
            seen.push(program.screen());
            program.press(&["b"]);
            for id in [1, 6, 7] {
                program.to(id);
                program.press(&["enter"]);
                assert_eq!(program.app.ticket_in_view().map(|(_, id)| id), Some(id));
                seen.push(
                    program
                        .until("a detail", |s| !s.contains("Being read"))
                        .await,
                );
                program.press(&["l"]);
                seen.push(program.screen());
                program.press(&["esc", "esc", "esc"]);
            }
            while !program.app.desk.is_feed() {
                program.press(&[")"]);
            }
        }
        for secret in secrets {
            let shown = seen.iter().any(|screen| screen.contains(secret));
            assert_eq!(shown, !privacy, "{secret}, privacy {privacy}");
        }
    }
}

#[tokio::test]
async fn a_wrong_key_shows_no_public_tickets_as_if_they_were_all() {
    let _alone = alone().await;
    let mut program = Program::start("0123456789012345678901234567890123456789", (119, 40)).await;
    let screen = program
        .until("the refusal", |screen| screen.contains("key"))
        .await;
    assert!(screen.contains("API key of tickets"), "{screen}");
    assert!(!screen.contains("chore"), "{screen}");
    assert!(screen.contains("All 0"), "{screen}");
}

#[tokio::test]
async fn a_note_of_17_megabytes_does_not_hurt() {
    let _alone = alone().await;
    let new = r#"{"issue":{"project_id":"council","subject":"The whole log","tracker_id":1,"priority_id":2,"status_id":1}}"#;
    let (status, body) = by_hand("POST", "/issues.json", &key("anne"), new).await;
    assert_eq!(status, 201, "{body}");
    let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
    let path = format!("/issues/{}.json", sent["issue"]["id"]);
    let note = format!(
        r#"{{"issue":{{"notes":"First line of it.\n{}"}}}}"#,
        "All work and no play. ".repeat(17 * 1024 * 1024 / 22)
    );
    let (status, _) = by_hand("PUT", &path, &key("anne"), &note).await;
    assert_eq!(status, 204);

    let mut program = Program::start(&key("lookout"), (119, 40)).await;
    let screen = program
        .until("the note in the feed", |s| {
            s.contains("note: First line of it.")
        })
        .await;
    assert!(
        line(&screen, &["The whole log", "First line"]).is_some(),
        "{screen}"
    );
    program.press(&["g", "enter"]);
    // A busy server may need longer for it than anybody waits; then that is said, and nothing else suffers.
    let screen = program
        .until("its detail", |s| {
            s.contains("History") || s.contains("cannot be read")
        })
        .await;
    let (status, _) = by_hand("DELETE", &path, &key("admin"), "").await;
    assert!(status == 200 || status == 204, "{status}");
    let long = screen.contains("is not shown here") || screen.contains("All work and no play.");
    assert!(long || screen.contains("no answer came within"), "{screen}");
}
