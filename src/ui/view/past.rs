//! What is said while the past is shown: in the header, the frame and the footer, so that it is never taken for
//! now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::drawn::Hit;
use crate::app::{Action, App, Drawn, Travel};
use crate::estate::timeline::past;
use crate::ui::widget::fit::{self, Field};
use crate::ui::words;

use super::{Look, keys, region};

/// The first line while the past is shown: no tab tells anything of then.
pub(super) fn draw_header(
    app: &App,
    look: &Look,
    travel: &Travel,
    area: Rect,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) {
    buf.set_style(area, look.theme.banner_warning);
    let now = app.clock.timestamp().to_zoned(app.zone.clone());
    let clock = format!("now {} ", now.strftime("%H:%M"));
    let right = fit::width(&clock).min(area.width);
    let room = area.width.saturating_sub(right + 1);
    let words = longest(&headers(app, look, travel), room);
    let line = Rect {
        width: room,
        ..area
    };
    Field::line(line, look.glyphs.ellipsis).draw(buf, &words, look.theme.banner_warning);
    let at = Rect {
        x: area.right() - right,
        width: right,
        ..area
    };
    Field::line(at, look.glyphs.ellipsis).draw(buf, &clock, look.theme.banner_warning);
    drawn.hits.push((region(area), Hit::Act(Action::Back)));
}

/// Ways to say it, the wordiest first.
fn headers(app: &App, look: &Look, travel: &Travel) -> Vec<String> {
    let at = clock(app, travel);
    let ago = words::age(Some(travel.at), app.clock);
    let until = match travel.until() {
        Some(until) => format!("so until {}", words::clock(until, app.clock, &app.zone)),
        None => "so until now".to_owned(),
    };
    let back = keys::first(app, look, Action::Back);
    let back = back.map_or_else(String::new, |key| format!("   {key} back to now"));
    vec![
        format!(" PAST   Triage as it was at {at}, {ago}, {until}{back}"),
        format!(" PAST   Triage as it was at {at}, {ago}{back}"),
        format!(" PAST  as it was at {at}, {ago}{back}"),
        format!(" PAST  at {at}, {ago}"),
        format!(" PAST  {ago}"),
    ]
}

fn longest(ways: &[String], room: u16) -> String {
    let fits = ways.iter().find(|words| fit::width(words) <= room);
    fits.or(ways.last()).cloned().unwrap_or_default()
}

/// `14:02:31`, with the day when that was yesterday.
pub(super) fn clock(app: &App, travel: &Travel) -> String {
    words::clock(travel.at, app.clock, &app.zone)
}

/// In the frame: sources that could not be seen then.
pub(super) fn note(app: &App, look: &Look, room: u16) -> String {
    let unseen = past::unseen(&app.estate);
    let Some(first) = unseen.first() else {
        return String::new();
    };
    let sign = look.glyphs.unknown;
    let names: Vec<&str> = unseen.iter().map(|name| name.as_str()).collect();
    let more = match unseen.len() {
        1 => String::new(),
        n => format!(" +{}", n - 1),
    };
    longest(
        &[
            format!("{sign} could not see: {}", names.join(", ")),
            format!("{sign} could not see: {first}{more}"),
            format!("{sign}{}", unseen.len()),
        ],
        room,
    )
}

/// Why there is no row: what was known of then.
pub(super) fn nothing(app: &App, travel: &Travel) -> &'static str {
    if !past::is_watched(&travel.present.timeline, travel.at) {
        "Nobody watched then, so nothing is known of it."
    } else if past::unseen(&app.estate).is_empty() {
        "Nothing was known to be wrong then."
    } else {
        "Nothing was known to be wrong then, but not everything could be seen."
    }
}
