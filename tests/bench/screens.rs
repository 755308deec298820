//! Models and frames of large estates.

use std::sync::Arc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use vigie::app::{App, Keymap, Start, Tab};
use vigie::domain::observation::Traffic;
use vigie::domain::{Batch, Moment, Observation, Reading, SourceId, SourceKind};
use vigie::estate::{Keeper, keeper};
use vigie::source::proxmox;
use vigie::ui::theme::{Glyphs, Theme};
use vigie::ui::view::{self, Look};

const NOW: Moment = Moment::from_millis(1_790_000_200_000);

/// A keeper that has read a Proxmox with this many guests.
pub fn keeper(guests: usize) -> Keeper {
    let sources = keeper::sources(
        [(
            "golem",
            SourceKind::Proxmox,
            Duration::from_secs(10),
            String::new(),
        )]
        .into_iter(),
        |_, _, refresh| refresh,
    );
    let mut keeper = Keeper::new(sources, NOW);
    let body = crate::bodies::guests(guests);
    let outcome = proxmox::parse_resources(body.as_bytes(), &mut proxmox::Names::default())
        .map(|resources| Batch::Resources(Arc::new(resources)));
    keeper.apply(Observation {
        source: SourceId(0),
        reading: Reading::Resources,
        at: NOW,
        took: Duration::from_millis(50),
        traffic: Traffic::default(),
        outcome,
        next: None,
    });
    keeper
}

/// The Containers tab with this many guests at 200×50.
pub fn app(guests: usize) -> App {
    App::new(Start {
        now: NOW,
        zone: jiff::tz::TimeZone::UTC,
        size: (200, 50),
        tab: Tab::Containers,
        keymap: Keymap::default(),
        privacy: false,
        mouse: true,
        sample: false,
        notices: vigie::config::shape::Notices::default(),
        seen: vigie::app::Seen::default(),
        estate: keeper(guests).publish(),
    })
}

/// Draws frames into memory.
pub struct Painter {
    terminal: Terminal<TestBackend>,
    look: Look,
}

impl Painter {
    /// A painter with the default look.
    pub fn new() -> Self {
        let Ok(terminal) = Terminal::new(TestBackend::new(200, 50));
        let theme = Theme::builtin("default").unwrap_or_else(|| std::process::abort());
        Self {
            terminal,
            look: Look {
                theme,
                glyphs: Glyphs::UNICODE,
            },
        }
    }

    /// Draws a frame; the number of regions that react to a click, so that nothing is optimised away.
    pub fn paint(&mut self, app: &mut App) -> usize {
        let mut drawn = None;
        let Ok(_) = self
            .terminal
            .draw(|frame| drawn = Some(view::draw(app, &self.look, frame)));
        app.drawn = drawn.unwrap_or_default();
        app.drawn.hits.len()
    }
}
