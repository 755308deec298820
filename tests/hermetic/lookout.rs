//! The whole way from a server to the screen: lab, clients, refresh, estate, model, frame.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;
use vigie::app::{App, Keymap, Message, Seen, Start, Tab, update};
use vigie::config;
use vigie::demo::{Lab, Options, Scenario, Server, Trouble};
use vigie::domain::problem::What;
use vigie::domain::{Freshness, Moment, Observation, Severity};
use vigie::estate::queues::Verdict;
use vigie::estate::{Estate, Keeper, SourceState, keeper};
use vigie::refresh::{Refresher, pace};
use vigie::ui::theme::{Glyphs, Theme};
use vigie::ui::view::{self, Look};

/// Longest wait for anything that must happen.
const PATIENCE: Duration = Duration::from_mins(1);

/// vigie without a terminal, reading a lab.
struct Lookout {
    lab: Lab,
    _refresher: Refresher,
    observations: Receiver<Observation>,
    keeper: Keeper,
    estate: Arc<Estate>,
}

impl Lookout {
    async fn start(options: Options) -> Self {
        let lab = Lab::start(options).await.unwrap();
        let config = config::parse(&lab.config_toml(), Path::new("lab.toml")).unwrap();
        let sources = keeper::sources(
            config
                .sources
                .iter()
                .map(|s| (&*s.name, s.kind(), s.refresh, String::new())),
            pace::interval,
        );
        let mut keeper = Keeper::new(sources, Moment::now());
        let estate = keeper.publish();
        let (refresher, observations) = Refresher::start(&config);
        Self {
            lab,
            _refresher: refresher,
            observations,
            keeper,
            estate,
        }
    }

    /// Takes observations in until the estate is as wanted.
    async fn until(&mut self, what: &str, wanted: impl Fn(&Estate) -> bool) {
        let waiting = async {
            while !wanted(&self.estate) {
                let observation = self.observations.recv().await.unwrap();
                self.keeper.apply(observation);
                self.estate = self.keeper.publish();
            }
        };
        assert!(
            timeout(PATIENCE, waiting).await.is_ok(),
            "waited for {what}; problems: {:#?}",
            self.estate.problems
        );
    }

    async fn everything_read(&mut self) {
        self.until("all sources to be read", |e| e.sources.iter().all(is_read))
            .await;
    }

    fn screen(&self, tab: Tab, size: (u16, u16)) -> String {
        let mut app = App::new(Start {
            now: Moment::now(),
            zone: jiff::tz::TimeZone::UTC,
            size,
            tab,
            keymap: Keymap::default(),
            privacy: false,
            mouse: true,
            sample: true,
            notices: vigie::config::shape::Notices::default(),
            estate: Arc::clone(&self.estate),
            seen: Seen::default(),
        });
        update(&mut app, Message::Clock(Moment::now()));
        let look = Look {
            theme: Theme::default(),
            glyphs: Glyphs::UNICODE,
        };
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        terminal
            .draw(|frame| drop(view::draw(&app, &look, frame)))
            .unwrap();
        terminal.backend().to_string()
    }
}

fn is_read(source: &SourceState) -> bool {
    source.feeds.iter().all(|f| f.good.is_some())
}

fn source<'a>(estate: &'a Estate, name: &str) -> &'a SourceState {
    estate.sources.iter().find(|s| &*s.name == name).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_tab_has_data_from_every_server() {
    let mut lookout = Lookout::start(Options::default()).await;
    lookout.everything_read().await;
    let estate = &lookout.estate;
    assert!(estate.guests.len() >= 25, "{}", estate.guests.len());
    assert!(estate.hosts.iter().filter(|h| h.node.is_some()).count() == 2);
    assert!(
        estate.web.len() >= 15
            && estate
                .web
                .iter()
                .any(|w| w.probe.is_some() && w.check.is_some())
    );
    assert!(estate.queues.len() >= 3);
    // Both tables are read at their own place, and have the monitor's check beside them.
    for name in ["newsletter", "site"] {
        let row = estate.queues.iter().find(|q| &*q.name == name).unwrap();
        assert!(row.queue.is_some() && row.check.is_some(), "{row:?}");
    }
    assert!(estate.people.len() >= 10);
    assert!(estate.tickets.len() >= 50);
    assert!(
        estate
            .sources
            .iter()
            .all(|s| s.feeds.iter().all(|f| f.trouble.is_none()))
    );
    for (tab, word) in [
        (Tab::Triage, "SMART"),
        (Tab::Hosts, "pikachu"),
        (Tab::Containers, "liquid"),
        (Tab::Web, "wiki.example.org"),
        (Tab::Mail, "Postfix Queue"),
        (Tab::Team, "Grace O'Malley"),
        (Tab::Tickets, "#"),
    ] {
        let screen = lookout.screen(tab, (200, 50));
        assert!(screen.contains(word), "{tab:?}\n{screen}");
        assert!(screen.contains("SAMPLE DATA"), "{tab:?}\n{screen}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_goes_leaves_its_rows_and_comes_back_by_itself() {
    let mut lookout = Lookout::start(Options::default()).await;
    lookout.everything_read().await;
    let guests = lookout.estate.guests.len();
    lookout
        .lab
        .misbehave(Server::Golem, Some(Trouble::Down))
        .await;
    lookout
        .until("golem to be told as blind", |e| {
            e.problems
                .iter()
                .any(|p| p.severity == Severity::Unknown && &*p.subject == "golem")
        })
        .await;
    assert_eq!(lookout.estate.guests.len(), guests, "the rows stay");
    let now = Moment::now().plus(Duration::from_secs(10));
    assert_eq!(
        source(&lookout.estate, "golem").freshness(now),
        Freshness::Lost
    );
    let screen = lookout.screen(Tab::Containers, (120, 36));
    assert!(
        screen.contains("wiki") && screen.contains("golem"),
        "{screen}"
    );
    // The others go on.
    let read_at = |e: &Estate| source(e, "monitor").feeds[0].good.as_ref().map(|g| g.at);
    let before = read_at(&lookout.estate);
    lookout
        .until("Checkmk to be read again", |e| read_at(e) > before)
        .await;
    assert!(
        source(&lookout.estate, "monitor")
            .feeds
            .iter()
            .all(|f| f.trouble.is_none())
    );

    lookout.lab.misbehave(Server::Golem, None).await;
    lookout
        .until("golem to come back", |e| {
            source(e, "golem").feeds.iter().all(|f| f.trouble.is_none())
        })
        .await;
    assert!(
        !lookout
            .estate
            .problems
            .iter()
            .any(|p| &*p.subject == "golem")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_answers_never_mean_that_all_is_well() {
    let mut lookout = Lookout::start(Options::default()).await;
    lookout.everything_read().await;
    let problems = |e: &Estate| {
        e.problems
            .iter()
            .filter(|p| e.source_name(p.source) == "monitor")
            .count()
    };
    let before = problems(&lookout.estate);
    assert!(before > 3);
    for trouble in [
        Trouble::LoginPage,
        Trouble::Garbage,
        Trouble::Truncated,
        Trouble::EmptyBody,
    ] {
        lookout
            .lab
            .misbehave(Server::Checkmk, Some(trouble.clone()))
            .await;
        lookout
            .until(&format!("{trouble:?} to be told"), |e| {
                source(e, "monitor")
                    .feeds
                    .iter()
                    .any(vigie::estate::Feed::is_blind)
            })
            .await;
        assert!(problems(&lookout.estate) >= before, "{trouble:?}");
        lookout.lab.misbehave(Server::Checkmk, None).await;
        lookout
            .until("Checkmk to come back", |e| {
                source(e, "monitor")
                    .feeds
                    .iter()
                    .all(|f| f.trouble.is_none())
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_a_server_sends_acts_on_the_terminal() {
    let mut lookout = Lookout::start(Options::default()).await;
    let hostile = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}evil\u{2066}\r\n\u{0}\u{e0041}";
    for server in Server::ALL {
        lookout
            .lab
            .misbehave(server, Some(Trouble::Hostile(hostile.to_owned())))
            .await;
    }
    lookout.everything_read().await;
    for tab in Tab::ALL {
        let screen = lookout.screen(tab, (200, 50));
        let bad = screen.chars().find(|c| {
            *c != '\n'
                && (c.is_control()
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        });
        assert_eq!(bad, None, "{tab:?}\n{screen}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_seen_with_who_did_it() {
    let mut lookout = Lookout::start(Options {
        scenario: Scenario::Outage,
        size: None,
    })
    .await;
    lookout.everything_read().await;
    let wiki = lookout
        .estate
        .problems
        .iter()
        .find(|p| p.subject.contains("105 wiki"))
        .unwrap();
    assert!(
        matches!(&wiki.what, vigie::domain::problem::What::GuestStopped { by: Some(by), .. } if &**by == "anne@pam")
    );
    let screen = lookout.screen(Tab::Triage, (200, 50));
    assert!(screen.contains("anne@pam"), "{screen}");
    // Where it is written down: the newest of those about the guest and its site, not an old one about the site.
    assert!(screen.contains("› #490 ›"), "{screen}");
}

/// The wiki's outage stops the sender: after three of its cycles the newsletter does not drain.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_stops_the_newsletter() {
    let mut lookout = Lookout::start(Options {
        scenario: Scenario::Outage,
        ..Options::default()
    })
    .await;
    let begun = std::time::Instant::now();
    let stuck = |e: &Estate| {
        let row = e.queues.iter().find(|q| &*q.name == "newsletter");
        row.is_some_and(|row| matches!(row.verdict, Verdict::NotDraining(_)))
    };
    lookout.until("the newsletter to stand still", stuck).await;
    assert!(begun.elapsed() >= Duration::from_secs(30));
    let problems = &lookout.estate.problems;
    assert!(
        problems.iter().any(|p| matches!(p.what, What::QueueStuck { cycles, depth, .. } if cycles >= 3 && depth >= 214)),
        "{problems:#?}"
    );
    // The site's own queue goes on.
    let site = lookout.estate.queues.iter().find(|q| &*q.name == "site");
    assert!(site.is_some_and(|q| !matches!(q.verdict, Verdict::NotDraining(_))));
}

/// Whoever is blind on one eye sees with the other: a Checkmk that is dead changes nothing about the own probes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_checkmk_changes_nothing_about_the_own_probes() {
    let mut lookout = Lookout::start(Options::default()).await;
    lookout.everything_read().await;
    let probes = |estate: &Estate| -> Vec<(String, bool, u32, Severity)> {
        let rows = estate.web.iter().filter(|row| row.probe.is_some());
        rows.filter_map(|row| {
            let probe = row.probe(estate)?;
            Some((
                row.name.to_string(),
                probe.is_good(),
                probe.misses,
                probe.severity(),
            ))
        })
        .collect()
    };
    let before = probes(&lookout.estate);
    assert!(before.len() >= 15);
    lookout
        .lab
        .misbehave(Server::Checkmk, Some(Trouble::Down))
        .await;
    lookout
        .until("Checkmk to be lost", |e| {
            source(e, "monitor").failure().is_some()
        })
        .await;
    let since = Moment::now();
    // Every site is asked again, as often as before and with the same outcome.
    lookout
        .until("all sites to be probed again", |e| {
            let mut rows = e.web.iter().filter_map(|row| row.probe(e));
            rows.all(|probe| probe.at > since)
        })
        .await;
    let estate = &lookout.estate;
    assert_eq!(probes(estate), before);
    assert_eq!(
        source(estate, "sites").feeds[0].freshness(Moment::now()),
        Freshness::Fresh
    );
    for row in estate.web.iter().filter(|row| row.probe.is_some()) {
        assert!(
            !row.late && !row.eyes.disagree(),
            "{}: {:?}",
            row.name,
            row.eyes
        );
    }
}
