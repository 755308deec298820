//! What a detail is written on: headings, facts with their labels, meters and lists, line by line.
//!
//! Only the lines of the window are kept; the others are counted. So a long history costs little more than
//! what is seen of it.

use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use crate::domain::{Freshness, Severity};
use crate::ui::theme::{Glyphs, Theme};
use crate::ui::view::Look;
use crate::ui::widget::fit::{self, Align, Field};
use crate::ui::widget::meter::{self, Levels};

use super::flow::{self, Break, Styled};
use super::mask;

/// Cells of the labels: the longest is `Written down`.
const LABEL: u16 = 12;
/// Cells of a meter, at most and at least.
const METER: (u16, u16) = (26, 10);
/// Cells that are left for the words beside a meter: `512 MiB of 8.0 GiB`.
const BESIDE_METER: u16 = 18;

/// A part of a line.
#[derive(Debug)]
enum Part {
    /// Words in at most so many cells.
    Words {
        x: u16,
        room: u16,
        align: Align,
        text: String,
        style: Style,
        /// Where they lead.
        link: Option<Rc<str>>,
    },
    /// A meter.
    Meter {
        x: u16,
        room: u16,
        part: f64,
        late: bool,
    },
}

/// Lines of a detail, as they are written.
#[derive(Debug)]
pub struct Sheet<'a> {
    look: &'a Look,
    width: u16,
    window: Range<usize>,
    privacy: bool,
    late: bool,
    lines: Vec<Vec<Part>>,
    count: usize,
    after_gap: bool,
    targets: Vec<Target>,
}

/// Where a part of the chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Line of the sheet.
    pub line: usize,
    /// First cell.
    pub x: u16,
    /// Cells.
    pub width: u16,
    /// Which part.
    pub part: usize,
}

impl<'a> Sheet<'a> {
    /// An empty sheet of so many cells, of which the lines of `window` are wanted.
    pub fn new(look: &'a Look, width: u16, window: Range<usize>, privacy: bool) -> Self {
        Self {
            look,
            width: width.max(1),
            window,
            privacy,
            late: false,
            lines: Vec::new(),
            count: 0,
            after_gap: true,
            targets: Vec::new(),
        }
    }

    /// Where the parts of the chain stand.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Number of lines written, seen or not.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Cells of a line.
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// First cell of what stands beside a label.
    pub fn beside_label(&self) -> u16 {
        (LABEL + 1).min(self.width / 3)
    }

    /// Styles.
    pub const fn theme(&self) -> &'a Theme {
        &self.look.theme
    }

    /// Signs.
    pub const fn glyphs(&self) -> &'a Glyphs {
        &self.look.glyphs
    }

    /// Whether private things are masked.
    pub const fn is_private(&self) -> bool {
        self.privacy
    }

    /// Whether what is written now may not be the present any more.
    pub const fn is_late(&self) -> bool {
        self.late
    }

    /// What is written from here on is known as freshly as this.
    pub fn rests_on(&mut self, freshness: Freshness) {
        self.late = !freshness.is_trustworthy();
    }

    // Words in the style of their role.

    /// Plain words; dim when they may be of the past.
    pub fn text<'t>(&self, words: impl Into<Cow<'t, str>>) -> Span<'t> {
        let theme = self.theme();
        Span::styled(words, if self.late { theme.dim } else { theme.text })
    }

    /// Names.
    pub fn strong<'t>(&self, words: impl Into<Cow<'t, str>>) -> Span<'t> {
        let style = self.theme().text.add_modifier(Modifier::BOLD);
        Span::styled(words, style)
    }

    /// Less important words.
    pub fn dim<'t>(&self, words: impl Into<Cow<'t, str>>) -> Span<'t> {
        Span::styled(words, self.theme().dim)
    }

    /// Words that tell how bad something is.
    pub fn severe<'t>(&self, severity: Severity, words: impl Into<Cow<'t, str>>) -> Span<'t> {
        Span::styled(words, self.theme().severity(severity))
    }

    /// A severity's sign with a blank after it. What may be of the past is not vouched for.
    pub fn sign(&self, severity: Severity) -> Span<'static> {
        let severity = if self.late {
            Severity::Unknown
        } else {
            severity
        };
        self.severe(severity, format!("{} ", self.glyphs().severity(severity)))
    }

    /// A state with its sign: `● running`; `? was running` when it may not be so any more.
    pub fn state(&self, severity: Severity, word: &str) -> Vec<Span<'static>> {
        if self.late {
            return vec![
                self.sign(Severity::Unknown),
                self.dim(format!("was {word}")),
            ];
        }
        vec![self.sign(severity), self.severe(severity, word.to_owned())]
    }

    // Lines.

    /// An empty line between what belongs together; never two, and none at the top.
    pub fn gap(&mut self) {
        if !self.after_gap {
            self.line(Vec::new);
            self.after_gap = true;
        }
    }

    /// The heading of a section, with a line to the edge.
    pub fn heading(&mut self, words: &str) {
        self.gap();
        let words = self.private(words).into_owned();
        let taken = fit::width(&words).saturating_add(1);
        let (width, theme, rule) = (self.width, self.theme(), self.glyphs().borders.horizontal);
        self.line(|| {
            let mut line = vec![words_part(0, width, &words, theme.header)];
            if taken + 2 < width {
                // One cell less: where the page scrolls, its bar follows.
                let rule = rule.repeat(usize::from(width - taken - 1));
                line.push(words_part(taken, width - taken, &rule, theme.faint));
            }
            line
        });
        self.after_gap = true;
    }

    /// Words over the whole width.
    pub fn words(&mut self, words: &[Span<'_>]) {
        self.flow(0, Vec::new(), &self.styled(words), Break::Words);
    }

    /// A fact beside its label.
    pub fn fact(&mut self, label: &str, words: &[Span<'_>]) {
        let x = self.beside_label();
        let before = self.label(label);
        self.flow(x, before, &self.styled(words), Break::Words);
    }

    /// A fact of styled words beside its label.
    pub fn fact_styled(&mut self, label: &str, words: &Styled) {
        let x = self.beside_label();
        let before = self.label(label);
        self.flow(x, before, words, Break::Words);
    }

    /// A fact beside its label, when there is one.
    pub fn fact_if(&mut self, label: &str, words: Option<impl AsRef<str>>) {
        if let Some(words) = words {
            self.fact(label, &[self.text(words.as_ref())]);
        }
    }

    /// An entry of a list, beside what stands before it in a column of `wide` cells.
    pub fn item(&mut self, wide: u16, before: &Span<'_>, words: &[Span<'_>]) {
        let x = (wide + 1).min(self.width / 2);
        let before = vec![words_part(
            0,
            x.saturating_sub(1),
            before.content.trim_end(),
            before.style,
        )];
        self.flow(x, before, &self.styled(words), Break::Words);
    }

    /// Parts in a row, over the whole width, broken between them where they can be.
    pub fn row(&mut self, parts: &[Vec<Span<'_>>], between: &Span<'_>) {
        self.parts(0, Vec::new(), parts, between);
    }

    /// A fact of several parts beside its label, broken between them where they can be.
    pub fn row_fact(&mut self, label: &str, parts: &[Vec<Span<'_>>], between: &Span<'_>) {
        let before = self.label(label);
        self.parts(self.beside_label(), before, parts, between);
    }

    /// Places to jump to beside a label, broken between them; none is torn, one that is wider than a line is cut.
    pub fn chain(&mut self, label: &str, links: &[Span<'_>], between: &Span<'_>) {
        let start = self.beside_label();
        let gap = fit::width(&between.content);
        let mut line = self.label(label);
        let mut x = start;
        for (part, link) in links.iter().enumerate() {
            let words = self.private(&link.content).into_owned();
            let width = fit::width(&words);
            let last = part + 1 == links.len();
            let needs = width + if last { 0 } else { gap.saturating_sub(1) };
            if x > start && x.saturating_add(needs) > self.width {
                let full = std::mem::take(&mut line);
                self.line(|| full);
                x = start;
            }
            let room = width.min(self.width.saturating_sub(x));
            line.push(words_part(x, room, &words, link.style));
            self.targets.push(Target {
                line: self.count,
                x,
                width: room,
                part,
            });
            x = x.saturating_add(width);
            if !last {
                let sign = between.content.trim_end();
                let room = fit::width(sign).min(self.width.saturating_sub(x));
                line.push(words_part(x, room, sign, between.style));
                x = x.saturating_add(gap);
            }
        }
        self.line(|| line);
    }

    fn parts(&mut self, x: u16, before: Vec<Part>, parts: &[Vec<Span<'_>>], between: &Span<'_>) {
        let room = self.width.saturating_sub(x);
        let mut before = Some(before);
        let mut row = Styled::default();
        for (index, part) in parts.iter().enumerate() {
            let part = self.styled(part);
            let last = index + 1 == parts.len();
            let comma = if last {
                0
            } else {
                fit::width(between.content.trim_end())
            };
            let wide = fit::width(row.as_str())
                .saturating_add(fit::width(part.as_str()))
                .saturating_add(comma);
            if !row.as_str().is_empty() && wide > room {
                let full = std::mem::take(&mut row);
                self.flow(x, before.take().unwrap_or_default(), &full, Break::Words);
            }
            row.append(&part);
            if !last {
                row.push(&between.content, between.style);
            }
        }
        self.flow(x, before.take().unwrap_or_default(), &row, Break::Words);
    }

    /// A part of a whole beside its label, with words after it. Without a part, only the words.
    pub fn meter(&mut self, label: &str, part: Option<f64>, words: &[Span<'_>]) {
        let Some(part) = part else {
            self.fact(label, words);
            return;
        };
        let x = self.beside_label();
        let before = self.label(label);
        self.metered(before, x, part, words);
    }

    /// As [`Self::meter`], with a name in the column of the labels.
    pub fn named_meter(&mut self, name: &Span<'_>, part: f64, words: &[Span<'_>]) {
        let x = self.beside_label();
        let before = vec![self.part(0, x.saturating_sub(1), name)];
        self.metered(before, x, part, words);
    }

    fn metered(&mut self, mut before: Vec<Part>, x: u16, part: f64, words: &[Span<'_>]) {
        let left = self.width.saturating_sub(x);
        let room = left
            .saturating_sub(BESIDE_METER + 2)
            .clamp(METER.1, METER.0);
        before.push(Part::Meter {
            x,
            room: room.min(left),
            part,
            late: self.late,
        });
        let beside = x.saturating_add(room + 2);
        if beside + 4 < self.width && !words.is_empty() {
            self.flow(beside, before, &self.styled(words), Break::Words);
        } else {
            self.line(|| before);
        }
    }

    /// Tells how many of a list were left out after the first `most`.
    pub fn more(&mut self, all: usize, most: usize) {
        if let Some(left) = all.checked_sub(most).filter(|left| *left > 0) {
            self.words(&[self.dim(format!("and {left} more"))]);
        }
    }

    /// Styled words from cell `x` on; `sign` stands before their first line.
    pub fn block(&mut self, x: u16, sign: Option<&Span<'_>>, words: &Styled, at: Break) {
        let x = x.min(self.width / 2);
        let before = sign.map(|sign| {
            let wide = fit::width(&sign.content);
            vec![self.part(x.saturating_sub(wide), wide, sign)]
        });
        self.flow(x, before.unwrap_or_default(), words, at);
    }

    /// Quoted words: a bar stands before each of their lines.
    pub fn quote(&mut self, x: u16, bar: &Span<'_>, words: &Styled) {
        let x = x.min(self.width / 2);
        let (width, wide) = (self.width, fit::width(&bar.content));
        flow::lines(
            words.as_str(),
            width.saturating_sub(x),
            Break::Words,
            |bytes| {
                self.line(|| {
                    let start = x.saturating_sub(wide);
                    let mut line = vec![words_part(start, wide, &bar.content, bar.style)];
                    line.extend(placed(x, width, words, bytes));
                    line
                });
            },
        );
    }

    /// A line from column to column.
    pub fn rule(&mut self) {
        let (width, faint) = (self.width, self.theme().faint);
        let rule = self.glyphs().borders.horizontal;
        self.line(|| {
            let rule = rule.repeat(usize::from(width));
            vec![words_part(0, width, &rule, faint)]
        });
    }

    /// A line as it is, from cell `x` on: a row of a graph.
    pub fn raw(&mut self, label: &Span<'_>, x: u16, words: &[Span<'_>]) {
        let label = Part::Words {
            x: 0,
            room: x.saturating_sub(1),
            align: Align::Right,
            text: label.content.to_string(),
            style: label.style,
            link: None,
        };
        let mut line = vec![label];
        let mut at = x;
        for span in words {
            line.push(self.part(at, self.width.saturating_sub(at), span));
            at = at.saturating_add(fit::width(&span.content));
        }
        self.line(|| line);
    }

    /// Styled words with private addresses taken out.
    pub fn styled(&self, words: &[Span<'_>]) -> Styled {
        let mut styled = Styled::default();
        for span in words {
            styled.push(&self.private(&span.content), span.style);
        }
        styled
    }

    /// Free text as it may be shown.
    pub fn private<'t>(&self, words: &'t str) -> Cow<'t, str> {
        if self.privacy {
            mask::addresses(words)
        } else {
            Cow::Borrowed(words)
        }
    }

    fn label(&self, label: &str) -> Vec<Part> {
        let room = self.beside_label().saturating_sub(1);
        vec![words_part(0, room, label, self.theme().dim)]
    }

    fn part(&self, x: u16, room: u16, span: &Span<'_>) -> Part {
        words_part(x, room, &self.private(&span.content), span.style)
    }

    fn flow(&mut self, x: u16, before: Vec<Part>, words: &Styled, at: Break) {
        let width = self.width;
        let mut before = Some(before);
        flow::lines(words.as_str(), width.saturating_sub(x), at, |bytes| {
            let before = before.take().unwrap_or_default();
            self.line(|| {
                let mut line = before;
                line.extend(placed(x, width, words, bytes));
                line
            });
        });
    }

    fn line(&mut self, make: impl FnOnce() -> Vec<Part>) {
        if self.window.contains(&self.count) {
            self.lines.push(make());
        }
        self.count += 1;
        self.after_gap = false;
    }

    /// Where the lines of the window lead, when drawn into this area.
    pub fn links(&self, area: Rect) -> Vec<(Rect, String)> {
        let mut links = Vec::new();
        for (y, line) in (area.top()..area.bottom()).zip(&self.lines) {
            for part in line {
                if let Part::Words {
                    x,
                    text,
                    link: Some(link),
                    ..
                } = part
                    && *x < area.width
                {
                    let width = fit::width(text).min(area.width - x);
                    links.push((Rect::new(area.x + x, y, width, 1), link.to_string()));
                }
            }
        }
        links
    }

    /// Draws the lines of the window.
    pub fn draw(&self, area: Rect, buf: &mut Buffer) {
        for (y, line) in (area.top()..area.bottom()).zip(&self.lines) {
            for part in line {
                self.draw_part(
                    part,
                    Rect {
                        y,
                        height: 1,
                        ..area
                    },
                    buf,
                );
            }
        }
    }

    fn draw_part(&self, part: &Part, area: Rect, buf: &mut Buffer) {
        let (Part::Words { x, room, .. } | Part::Meter { x, room, .. }) = part;
        if *x >= area.width {
            return;
        }
        let here = Rect {
            x: area.x + x,
            width: (*room).min(area.width - x),
            ..area
        };
        match part {
            Part::Words {
                text, style, align, ..
            } => {
                let field = Field {
                    align: *align,
                    ..Field::line(here, self.glyphs().ellipsis)
                };
                field.draw(buf, text, *style);
            }
            Part::Meter { part, late, .. } => {
                let over = meter::Over {
                    plain: if *late {
                        self.theme().dim
                    } else {
                        Style::new()
                    },
                    severity: if *late {
                        self.theme().dim
                    } else {
                        Style::new()
                    },
                };
                let set = (self.theme(), self.glyphs());
                meter::draw(buf, here, Some(*part), Levels::USUAL, over, set);
            }
        }
    }
}

/// A part of styled words from cell `x` on.
fn placed(x: u16, width: u16, words: &Styled, bytes: Range<usize>) -> impl Iterator<Item = Part> {
    let mut x = x;
    words.cut_linked(bytes).map(move |(text, style, to)| {
        let mut part = words_part(x, width.saturating_sub(x), text, style);
        if let Part::Words { link, .. } = &mut part {
            *link = to.cloned();
        }
        x = x.saturating_add(fit::width(text));
        part
    })
}

fn words_part(x: u16, room: u16, text: &str, style: Style) -> Part {
    Part::Words {
        x,
        room,
        align: Align::Left,
        text: text.to_owned(),
        style,
        link: None,
    }
}
