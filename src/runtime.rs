//! The loop: the only room that sees all others.
//!
//! One task owns the model. It drains what has arrived, then draws once, never twice within
//! [`FRAME_GAP`]; otherwise it sleeps until the next second. When nothing on the screen changed,
//! nothing is written.

pub mod estates;
mod graphs;
mod memory;
mod session;

use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Rect;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use url::Url;

use crate::app::{self, App, Effect, Effects, Message, Seen, Tab};
use crate::config::shape::Notices;
use crate::config::{Config, Places};
use crate::domain::{Failure, Moment, SourceId};
use crate::estate::Settings;
use crate::history::marks::{self, Scribe};
use crate::refresh::Refresher;
use crate::terminal::capability::Capability;
use crate::terminal::guard::{Guard, Options};
use crate::terminal::input::{Input, Inputs};
use crate::terminal::link;
use crate::terminal::output::{self, Broken};
use crate::terminal::screen::Screen;
use crate::terminal::signals::{self, Signal, Signals};
use crate::terminal::{clipboard, notify, panics};
use crate::ui::view::{self, Look};
use crate::ui::words;

pub use session::{Again, Ending, Fatal, Fresh, Session};

/// Least time between two frames: nobody sees more, and slow links choke on them.
const FRAME_GAP: Duration = Duration::from_millis(16);

/// How long the cursor must not move before it rests: before the detail beside the table follows it, and before
/// the history of the ticket there is asked for.
const REST: Duration = Duration::from_millis(120);

/// How long the end may take until what was read is written down.
const WRITING: Duration = Duration::from_millis(500);

/// How far the clock may run ahead of the machine's own time before it must have slept.
const SLEPT: i64 = 10_000;

/// What reads and joins, until a configuration that was read again takes its place.
struct Work {
    refresher: Refresher,
    kept: Option<estates::Kept>,
    estates: tokio::sync::watch::Receiver<Arc<crate::estate::Estate>>,
}

impl Work {
    /// Ends it, and has written down what is known, in the time there is.
    async fn end(&mut self) {
        self.refresher.stop();
        if let Some(kept) = self.kept.take() {
            kept.end().await;
        }
    }
}

/// Runs a dashboard to its end. The terminal is as before when it returns, however it returns.
pub async fn run(session: Session) -> Result<Ending, Fatal> {
    let mut signals = Signals::open()?;
    let mouse = session.config.ui.mouse;
    let notices = session.config.notices.clone();
    let title = notices.title.then(|| "vigie".to_owned());
    let mut guard =
        Guard::enter(&session.capability, Options { mouse, title }).map_err(Fatal::Refused)?;
    // Before the size is asked for: a change of it after that is told.
    let inputs = Inputs::open()?;
    let size = output::size();
    let sources = estates::sources(&session.config);
    let settings = Settings::of(&session.config);
    let begun = estates::keep(sources, settings, session.memory.as_ref());
    if let Some(history) = &begun.history {
        // Before the first question, which waits for the file to be open.
        history.seed(session.past);
    }
    let (marks, unreadable) = match &session.memory {
        Some(places) => marks::load(places, &begun.first.sources),
        None => (std::collections::HashMap::new(), None),
    };
    let seen = Seen::new(marks);
    // Marks that cannot be read are left alone.
    let scribe = (session.memory.as_ref())
        .filter(|_| unreadable.is_none())
        .and_then(Scribe::start);
    let mut this = Loop {
        screen: Screen::new(size),
        app: App::new(app::Start {
            now: Moment::now(),
            zone: session.zone,
            size: (size.width, size.height),
            tab: Tab::at(usize::from(session.config.ui.start_tab)).unwrap_or(Tab::Triage),
            keymap: session.keymap,
            privacy: session.config.ui.privacy,
            mouse,
            sample: session.sample,
            notices: notices.clone(),
            estate: begun.first,
            seen,
        }),
        scribe,
        look: session.look,
        config: session.config,
        memory: session.memory,
        again: session.again,
        capability: session.capability,
        dirty: false,
        drawn_at: Instant::now(),
        clocks: (Moment::now(), Instant::now()),
        keeper: begun.waiting.wishes(),
        notices,
        titled: String::new(),
        moved: None,
        ticket: None,
        graphs: graphs::Graphs::new(begun.history),
    };
    if let Some(why) = unreadable {
        app::update(&mut this.app, Message::Kept(Some(why)));
    }
    // Before anything is asked: the first frame waits for nobody.
    this.draw()?;
    let (refresher, observations) = Refresher::start(&this.config);
    let mut work = Work {
        refresher,
        kept: Some(begun.waiting.start(observations)?),
        estates: begun.estates,
    };
    let ending = this.turn(&mut guard, inputs, &mut signals, &mut work).await;
    work.refresher.stop();
    // The user has the shell back while the rest is written down.
    drop(guard);
    let scribe = this.scribe.take();
    let written = async {
        if let Some(scribe) = scribe {
            scribe.finish(WRITING).await;
        }
    };
    if this.app.sample {
        // Nobody misses it.
        std::mem::forget(work);
    } else {
        tokio::join!(work.end(), written);
    }
    // The process ends: taking 100,000 rows apart first would only keep the user waiting.
    std::mem::forget(this);
    match ending {
        Err(Fatal::Terminal(Broken::Gone)) => Ok(Ending::Gone),
        other => other,
    }
}

/// The loop's own state.
struct Loop {
    /// Writes down what was read of the feed; not for sample data.
    scribe: Option<Scribe>,
    screen: Screen,
    app: App,
    look: Look,
    /// The configuration in force.
    config: Config,
    memory: Option<Places>,
    again: Option<Again>,
    capability: Capability,
    /// The model changed since the last frame.
    dirty: bool,
    drawn_at: Instant,
    /// Both clocks at the last tick, to notice that the machine slept.
    clocks: (Moment, Instant),
    /// When the terminal is told of something new.
    notices: Notices,
    /// The title that it has.
    titled: String,
    /// Where the estate is joined.
    keeper: estates::Wishes,
    /// When the cursor last moved, until it rests.
    moved: Option<Instant>,
    /// The ticket that the cursor rests on, and since when.
    ticket: Option<(SourceId, u64, Instant)>,
    /// The graph that the cursor rests on, and those that are being read.
    graphs: graphs::Graphs,
}

/// What the loop does after an effect.
enum Next {
    /// Goes on.
    On,
    /// Suspends.
    Suspend,
    /// Reads the configuration again.
    Reload,
    /// Ends.
    End,
}

impl Loop {
    async fn turn(
        &mut self,
        guard: &mut Guard,
        mut inputs: Inputs,
        signals: &mut Signals,
        work: &mut Work,
    ) -> Result<Ending, Fatal> {
        let (sender, mut messages) = mpsc::channel::<Message>(64);
        let mut said = self.scribe.as_ref().map(Scribe::said);
        let mut next_second = Instant::now() + until_next_second();
        loop {
            let draw_at = self.drawn_at + FRAME_GAP;
            let moved = self.moved.map(|since| since + REST);
            let rested = self.ticket.map(|(_, _, since)| since + REST);
            let graph = self.graphs.due();
            let next = tokio::select! {
                biased;
                signal = signals.next() => match signal {
                    Signal::Suspend => Next::Suspend,
                    Signal::Continue => {
                        guard.reassert()?;
                        self.wake(&work.refresher);
                        Next::On
                    }
                    // The terminal is there, so nobody hung up: somebody told us to read it again.
                    Signal::Hangup if self.again.is_some() && !output::is_gone() => Next::Reload,
                    other => return Ok(Ending::Signal(other)),
                },
                input = inputs.next() => {
                    let mut next = self.input(input?, guard, &work.refresher)?;
                    while matches!(next, Next::On) && let Some(more) = inputs.try_next() {
                        next = self.input(more?, guard, &work.refresher)?;
                    }
                    next
                }
                changed = work.estates.changed() => {
                    if changed.is_err() {
                        return Err(Fatal::Bug(panics::take_background_panics().join("; ")));
                    }
                    let estate = Arc::clone(&work.estates.borrow_and_update());
                    // Ages are measured against a clock that is not behind the data.
                    self.app.set_clock(Moment::now());
                    self.take(Message::Estate(estate), guard, &work.refresher)?
                }
                trouble = changed(&mut said) => {
                    self.take(Message::Kept(trouble), guard, &work.refresher)?
                }
                Some(message) = messages.recv() => {
                    if let Message::Graph(subject, ..) = &message {
                        self.graphs.done(subject);
                    }
                    self.take(message, guard, &work.refresher)?
                }
                () = sleep_until(moved), if moved.is_some() => {
                    self.moved = None;
                    self.take(Message::Rested, guard, &work.refresher)?
                }
                () = sleep_until(rested), if rested.is_some() => {
                    if let Some((source, id, _)) = self.ticket.take() {
                        let sender = sender.clone();
                        work.refresher.ticket(source, id, move |outcome| {
                            // Full only while the loop is stopped; the history is then asked for again.
                            let _ = sender.try_send(Message::Ticket(source, id, outcome));
                        });
                    }
                    Next::On
                }
                () = sleep_until(graph), if graph.is_some() => {
                    self.graphs.begin(&work.refresher, &self.app.estate.sources, &sender);
                    Next::On
                }
                () = tokio::time::sleep_until(draw_at), if self.dirty => {
                    self.draw()?;
                    Next::On
                }
                () = tokio::time::sleep_until(next_second) => {
                    next_second = Instant::now() + until_next_second();
                    self.tick(guard, &work.refresher)?
                }
            };
            match next {
                Next::On => {}
                Next::Reload => self.reload(guard, work).await?,
                Next::End => return Ok(Ending::Quit),
                Next::Suspend => {
                    // The input thread must not read while the shell has the terminal.
                    drop(inputs);
                    signals::suspend(guard).await?;
                    inputs = Inputs::open()?;
                    self.wake(&work.refresher);
                }
            }
        }
    }

    /// Reads the configuration again. When it is wrong, the last good one stays.
    async fn reload(&mut self, guard: &mut Guard, work: &mut Work) -> Result<(), Fatal> {
        let fresh = match &self.again {
            Some(again) => (again.0)(),
            None => Err("sample data has no configuration to read".to_owned()),
        };
        let fresh = match fresh {
            Ok(fresh) => fresh,
            Err(why) => {
                tracing::warn!(why, "the configuration was read again and is wrong");
                self.take(Message::NotReloaded(why), guard, &work.refresher)?;
                return Ok(());
            }
        };
        self.look = fresh.look;
        self.screen.clear_for_repaint();
        let (old, new) = (&self.config, &fresh.config);
        let is_same =
            old.sources == new.sources && old.joins == new.joins && old.triage == new.triage;
        let mut estate = None;
        if !is_same {
            // Written down first: what stays configured begins with it.
            work.end().await;
            let sources = estates::sources(&fresh.config);
            let settings = Settings::of(&fresh.config);
            let begun = estates::keep(sources, settings, self.memory.as_ref());
            self.keeper = begun.waiting.wishes();
            self.graphs = graphs::Graphs::new(begun.history);
            self.ticket = None;
            let marks = self.memory.as_ref();
            let marks = marks.map(|places| marks::load(places, &begun.first.sources).0);
            let (refresher, observations) = Refresher::start(&fresh.config);
            *work = Work {
                refresher,
                kept: Some(begun.waiting.start(observations)?),
                estates: begun.estates,
            };
            self.keeper
                .keep_apart(self.app.apart.keys().cloned().collect());
            estate = Some((begun.first, Seen::new(marks.unwrap_or_default())));
        }
        self.config = fresh.config;
        let sources = self.config.sources.len();
        tracing::info!(sources, is_same, "the configuration was read again");
        let reloaded = app::message::Reloaded {
            keymap: fresh.keymap,
            zone: fresh.zone,
            estate,
        };
        let message = Message::Reloaded(Box::new(reloaded));
        self.take(message, guard, &work.refresher)?;
        Ok(())
    }

    fn input(
        &mut self,
        input: Input,
        guard: &mut Guard,
        refresher: &Refresher,
    ) -> Result<Next, Fatal> {
        let message = match input {
            Input::Key(key) => Message::Key(key),
            Input::Paste(text) => Message::Paste(text),
            Input::Click { column, row } => Message::Click { column, line: row },
            Input::Wheel { column, row, up } => Message::Wheel {
                column,
                line: row,
                up,
            },
            Input::Resize { columns, rows } => {
                self.screen
                    .resize(ratatui::layout::Size::new(columns, rows));
                Message::Resize(columns, rows)
            }
        };
        self.take(message, guard, refresher)
    }

    /// Lets the model take a message in and does what it asks for.
    fn take(
        &mut self,
        message: Message,
        guard: &mut Guard,
        refresher: &Refresher,
    ) -> Result<Next, Fatal> {
        let Effects { redraw, list } = app::update(&mut self.app, message);
        self.dirty |= redraw;
        for effect in list {
            match effect {
                Effect::Quit => return Ok(Next::End),
                Effect::Suspend => return Ok(Next::Suspend),
                Effect::Reload => return Ok(Next::Reload),
                Effect::Repaint => self.screen.clear_for_repaint(),
                Effect::Mouse(on) => guard.set_mouse(on)?,
                Effect::Copy(text) => {
                    let sequence = clipboard::sequence(&text, self.capability.multiplexer);
                    if let Ok(bytes) = &sequence {
                        output::write(bytes)?;
                    }
                    self.take(Message::Copied(sequence.is_ok()), guard, refresher)?;
                }
                Effect::Refresh(sources) => refresher.now(&sources),
                Effect::FetchGraph(subject, span) => {
                    if let Some((subject, span)) = self.graphs.want(subject, span) {
                        self.take(Message::GraphDropped(subject, span), guard, refresher)?;
                    }
                }
                Effect::Remember(source, marks) => {
                    let source = self.app.estate.source(source);
                    if let (Some(scribe), Some(source)) = (&self.scribe, source) {
                        scribe.save(source, marks);
                    }
                }
                Effect::Alarm(alarm) => {
                    let words = words::alarm(&alarm, self.app.privacy);
                    let bytes = notify::sequence(&self.notices, "vigie", &words, &self.capability);
                    output::write(&bytes)?;
                }
                Effect::KeepApart(apart) => self.keeper.keep_apart(apart),
                Effect::Rest => self.moved = Some(Instant::now()),
                Effect::FetchTicket(source, id) => {
                    // The cursor went on before the last one was asked for: that one is not wanted now.
                    if let Some((source, id, _)) = self.ticket.replace((source, id, Instant::now()))
                    {
                        self.take(Message::TicketDropped(source, id), guard, refresher)?;
                    }
                }
            }
        }
        Ok(Next::On)
    }

    /// A second has passed.
    fn tick(&mut self, guard: &mut Guard, refresher: &Refresher) -> Result<Next, Fatal> {
        let now = (Moment::now(), Instant::now());
        let by_clock = now.0.as_millis() - self.clocks.0.as_millis();
        let by_machine = i64::try_from((now.1 - self.clocks.1).as_millis()).unwrap_or(i64::MAX);
        self.clocks = now;
        if by_clock - by_machine > SLEPT {
            self.wake(refresher);
        }
        self.take(Message::Clock(now.0), guard, refresher)
    }

    /// After a sleep, of ours or of the machine: true ages, a whole frame, one question to each source.
    fn wake(&mut self, refresher: &Refresher) {
        let size = output::size();
        self.screen.resize(size);
        for message in [
            Message::Resize(size.width, size.height),
            Message::Clock(Moment::now()),
        ] {
            app::update(&mut self.app, message);
        }
        self.clocks = (Moment::now(), Instant::now());
        self.dirty = true;
        // The shell may have set its own.
        self.titled.clear();
        refresher.all_now();
    }

    fn draw(&mut self) -> Result<(), Broken> {
        let (app, look) = (&self.app, &self.look);
        let links = self.capability.links;
        let mut drawn = None;
        self.screen.draw(|frame| {
            let told = view::draw(app, look, frame);
            if links {
                make_links(frame, &told);
            }
            drawn = Some(told);
        })?;
        self.app.drawn = drawn.unwrap_or_default();
        self.tell_title()?;
        self.dirty = false;
        self.drawn_at = Instant::now();
        Ok(())
    }
}

impl Loop {
    /// Says in the title how much is wrong, if that is wanted and not what it says already.
    fn tell_title(&mut self) -> Result<(), Broken> {
        let estate = self.app.present();
        let Some(counted) = self.app.alarms.counted(estate) else {
            return Ok(());
        };
        let mut sources = estate.sources.iter();
        let all_seen = sources.all(|s| s.freshness(self.app.clock).is_trustworthy());
        let words = words::title(counted, all_seen);
        if words != self.titled {
            output::write(&notify::title(&words))?;
            self.titled = words;
        }
        Ok(())
    }
}

/// Makes the addresses on the screen links of the terminal.
fn make_links(frame: &mut ratatui::Frame<'_>, drawn: &app::Drawn) {
    for (at, to) in &drawn.links {
        let Ok(url) = Url::parse(to) else { continue };
        let mut hasher = std::hash::DefaultHasher::new();
        to.hash(&mut hasher);
        // The same for the parts of one link, so that they light up together.
        let group = u32::try_from(hasher.finish() >> 40).unwrap_or(0);
        let area = Rect::new(at.x, at.y, at.width, at.height);
        link::apply(frame.buffer_mut(), area, &url, group);
    }
}

/// Waits until what is told changes; for ever when nobody tells.
async fn changed(said: &mut Option<watch::Receiver<Option<Failure>>>) -> Option<Failure> {
    if let Some(told) = said {
        if told.changed().await.is_ok() {
            return told.borrow_and_update().clone();
        }
        *said = None;
    }
    std::future::pending().await
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Until the clock's next whole second, so that ages change when it does.
fn until_next_second() -> Duration {
    let past = Moment::now().as_millis().rem_euclid(1000);
    Duration::from_millis(u64::try_from(1000 - past).unwrap_or(1000).max(1))
}
