//! Emphasis, code and links within a line.

use ratatui::style::{Modifier, Style};

use crate::app::references;
use crate::domain::ticket::Markup;
use crate::ui::view::detail::flow::Styled;
use crate::ui::view::detail::sheet::Sheet;

use super::Writing;

/// Tags that people write and that say nothing here.
const TAGS: [&str; 19] = [
    "b", "big", "br", "code", "del", "div", "em", "font", "i", "ins", "kbd", "p", "pre", "small",
    "span", "strong", "sub", "sup", "u",
];
/// Longest tag that is looked for.
const LONGEST_TAG: usize = 80;
/// Longest name of an image that is looked for.
const LONGEST_IMAGE: usize = 200;

/// The words of a line in their styles, with marks taken out and private addresses masked.
pub fn styled(sheet: &Sheet<'_>, line: &str, base: Style, writing: &Writing<'_>) -> Styled {
    let line = sheet.private(line);
    let theme = sheet.theme();
    let mut scan = Scan {
        line: &line,
        at: 0,
        plain: 0,
        base,
        code: base.patch(theme.code),
        link: base.patch(theme.link),
        dim: base.patch(theme.dim),
        writing: *writing,
        stars: Emphasis::new(b'*'),
        lows: Emphasis::new(b'_'),
        waves: Next::new("~~"),
        dashes: Next::new("-"),
        ticks: Next::new("`"),
        ats: Next::new("@"),
        quotes: Next::new("\":"),
        brackets: Next::new("]("),
        wikis: Next::new("]]"),
        out: Styled::default(),
    };
    scan.run();
    scan.out
}

/// Where something comes next, looked for once.
struct Next {
    needle: &'static str,
    at: Option<usize>,
    over: bool,
}

impl Next {
    const fn new(needle: &'static str) -> Self {
        Self {
            needle,
            at: None,
            over: false,
        }
    }

    fn find(&mut self, line: &str, from: usize) -> Option<usize> {
        if let Some(at) = self.at.filter(|at| *at >= from) {
            return Some(at);
        }
        if self.over {
            return None;
        }
        self.at = line
            .get(from..)
            .and_then(|rest| rest.find(self.needle))
            .map(|at| from + at);
        self.over = self.at.is_none();
        self.at
    }
}

/// One sign of emphasis.
struct Emphasis {
    sign: u8,
    /// Where it ends, how long its end is, and whether it is strong.
    open: Option<(usize, usize, bool)>,
    /// No end comes any more.
    over: bool,
}

impl Emphasis {
    const fn new(sign: u8) -> Self {
        Self {
            sign,
            open: None,
            over: false,
        }
    }

    /// The end of an emphasis that began before `from`, and how many signs it has.
    fn end(&mut self, line: &[u8], from: usize) -> Option<(usize, usize)> {
        if self.over {
            return None;
        }
        let mut at = from;
        while let Some(sign) = line.get(at) {
            if *sign != self.sign {
                at += 1;
                continue;
            }
            let run = run(line, at);
            let before = at.checked_sub(1).and_then(|i| line.get(i));
            let closes = before.is_some_and(|b| !b.is_ascii_whitespace())
                && !line.get(at + run).is_some_and(|b| is_word(*b));
            if closes && at > from {
                return Some((at, run));
            }
            at += run;
        }
        self.over = true;
        None
    }
}

/// Number of equal bytes from `at` on.
fn run(line: &[u8], at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    let first = rest.first();
    rest.iter().take_while(|b| Some(*b) == first).count()
}

/// Letters and digits, those beyond ASCII too.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

struct Scan<'l> {
    line: &'l str,
    at: usize,
    /// From here on nothing was written yet.
    plain: usize,
    base: Style,
    code: Style,
    link: Style,
    dim: Style,
    writing: Writing<'l>,
    stars: Emphasis,
    lows: Emphasis,
    waves: Next,
    dashes: Next,
    ticks: Next,
    ats: Next,
    quotes: Next,
    brackets: Next,
    wikis: Next,
    out: Styled,
}

impl<'l> Scan<'l> {
    fn run(&mut self) {
        let textile = self.writing.markup == Markup::Textile;
        while let Some(byte) = self.byte(self.at) {
            let taken = match byte {
                b'*' | b'_' => self.emphasis(byte),
                b'`' => self.ticks(),
                b'@' => (textile && self.at_signs()) || self.mention(),
                b'"' => textile && self.textile_link(),
                b'-' if textile => self.struck("-"),
                b'~' if !textile => self.struck("~~"),
                b'#' => self.ticket(),
                b'[' => self.bracket(),
                b'!' => self.image(),
                b'<' => self.tag(),
                b'h' => self.bare_link(),
                b'\\' => self.escape(),
                _ => false,
            };
            if !taken {
                self.at += 1;
            }
        }
        self.flush(self.line.len());
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.line.as_bytes().get(at).copied()
    }

    fn slice(&self, from: usize, to: usize) -> &'l str {
        self.line.get(from..to).unwrap_or_default()
    }

    /// Whether a word goes on before here.
    fn within_word(&self) -> bool {
        self.at
            .checked_sub(1)
            .and_then(|before| self.byte(before))
            .is_some_and(is_word)
    }

    fn style(&self) -> Style {
        let strong = [&self.stars, &self.lows]
            .iter()
            .filter_map(|e| e.open)
            .fold((false, false), |(bold, slanted), (.., strong)| {
                (bold || strong, slanted || !strong)
            });
        let mut style = self.base;
        if strong.0 {
            style = style.add_modifier(Modifier::BOLD);
        }
        if strong.1 {
            style = style.add_modifier(Modifier::ITALIC);
        }
        style
    }

    /// Writes what is plain up to here.
    fn flush(&mut self, to: usize) {
        let style = self.style();
        self.out.push(self.slice(self.plain, to), style);
        self.plain = to;
    }

    /// Goes on after what was just written in another way.
    fn skip_to(&mut self, at: usize) {
        self.at = at;
        self.plain = at;
    }

    fn emphasis(&mut self, sign: u8) -> bool {
        let line = self.line.as_bytes();
        let long = run(line, self.at);
        let mark = if sign == b'*' {
            &self.stars
        } else {
            &self.lows
        };
        if let Some((end, end_long, _)) = mark.open {
            if end != self.at {
                self.at += long;
                return true;
            }
            self.flush(self.at);
            if sign == b'*' {
                self.stars.open = None;
            } else {
                self.lows.open = None;
            }
            self.skip_to(end + end_long);
            return true;
        }
        let next = self.byte(self.at + long);
        let opens =
            long <= 3 && !self.within_word() && next.is_some_and(|b| !b.is_ascii_whitespace());
        let mark = if sign == b'*' {
            &mut self.stars
        } else {
            &mut self.lows
        };
        let end = if opens {
            mark.end(line, self.at + long)
        } else {
            None
        };
        let Some((end, end_long)) = end else {
            self.at += long;
            return true;
        };
        self.flush(self.at);
        // One star is strong in Textile only.
        let strong = match self.writing.markup {
            Markup::Textile => sign == b'*' || long > 1,
            Markup::Markdown => long > 1,
        };
        let open = Some((end, end_long, strong));
        if sign == b'*' {
            self.stars.open = open;
        } else {
            self.lows.open = open;
        }
        self.skip_to(self.at + long);
        true
    }

    fn ticks(&mut self) -> bool {
        let long = run(self.line.as_bytes(), self.at);
        let from = self.at + long;
        let Some(end) = self.ticks.find(self.line, from) else {
            self.at = from;
            return true;
        };
        self.flush(self.at);
        self.out.push(self.slice(from, end).trim(), self.code);
        self.skip_to(end + run(self.line.as_bytes(), end));
        true
    }

    /// `#123`: a ticket.
    fn ticket(&mut self) -> bool {
        let Some(end) = references::number_at(self.line.as_bytes(), self.at) else {
            return false;
        };
        let name = self.slice(self.at, end);
        self.flush(self.at);
        match self.writing.tickets {
            Some(before) => {
                let page = format!("{before}{}", name.trim_start_matches('#'));
                self.out.push_link(name, self.link, &page);
            }
            None => self.out.push(name, self.link),
        }
        self.skip_to(end);
        true
    }

    /// `@anne`: a person.
    fn mention(&mut self) -> bool {
        let Some(end) = references::mention_at(self.line.as_bytes(), self.at) else {
            return false;
        };
        self.flush(self.at);
        let strong = self.base.add_modifier(Modifier::BOLD);
        self.out.push(self.slice(self.at, end), strong);
        self.skip_to(end);
        true
    }

    /// What was struck out: `-so-` in Textile, `~~so~~` in CommonMark.
    fn struck(&mut self, sign: &'static str) -> bool {
        let from = self.at + sign.len();
        let before = self.at.checked_sub(1).and_then(|before| self.byte(before));
        let opens = self.slice(self.at, from) == sign
            && before.is_none_or(|b| b.is_ascii_whitespace() || b == b'(');
        let starts = self
            .byte(from)
            .is_some_and(|b| !b.is_ascii_whitespace() && b != b'-');
        if !opens || !starts {
            return false;
        }
        let next = if sign == "-" {
            &mut self.dashes
        } else {
            &mut self.waves
        };
        let Some(end) = next.find(self.line, from) else {
            return false;
        };
        let ends = self.byte(end - 1).is_some_and(|b| !b.is_ascii_whitespace());
        let goes_on = |b: u8| is_word(b) || b == b'-';
        if end == from || !ends || self.byte(end + sign.len()).is_some_and(goes_on) {
            return false;
        }
        self.flush(self.at);
        let style = self.dim.add_modifier(Modifier::CROSSED_OUT);
        self.out.push(self.slice(from, end), style);
        self.skip_to(end + sign.len());
        true
    }

    /// Textile's `@code@`, which is no address.
    fn at_signs(&mut self) -> bool {
        let from = self.at + 1;
        if self.within_word() || self.byte(from).is_none_or(|b| b == b' ' || b == b'@') {
            return false;
        }
        let Some(end) = self.ats.find(self.line, from) else {
            return false;
        };
        if self.byte(end + 1).is_some_and(is_word) {
            return false;
        }
        self.flush(self.at);
        self.out.push(self.slice(from, end), self.code);
        self.skip_to(end + 1);
        true
    }

    /// `"words":https://…`
    fn textile_link(&mut self) -> bool {
        let from = self.at + 1;
        let Some(end) = self.quotes.find(self.line, from) else {
            return false;
        };
        let words = self.slice(from, end);
        if self.within_word() || words.is_empty() || words.contains('"') {
            return false;
        }
        let target = self.target(end + 2);
        if target.is_empty() {
            return false;
        }
        self.flush(self.at);
        self.link(words, target);
        self.skip_to(end + 2 + target.len());
        true
    }

    /// `[[Page|words]]`, `[words](https://…)`.
    fn bracket(&mut self) -> bool {
        let from = self.at + 1;
        if self.byte(from) == Some(b'[') {
            let Some(end) = self.wikis.find(self.line, from + 1) else {
                return false;
            };
            let page = self.slice(from + 1, end);
            if page.contains('[') {
                return false;
            }
            let words = page.split_once('|').map_or(page, |(_, words)| words);
            self.flush(self.at);
            self.out.push(words, self.link);
            self.skip_to(end + 2);
            return true;
        }
        let Some(end) = self.brackets.find(self.line, from) else {
            return false;
        };
        let words = self.slice(from, end);
        if words.is_empty() || words.contains(['[', ']']) {
            return false;
        }
        let target = self.target(end + 2);
        if target.is_empty() {
            return false;
        }
        let mut after = end + 2 + target.len();
        // A title in quotes may follow.
        let rest = self.line.as_bytes().get(after..).unwrap_or_default();
        if let Some(closing) = rest.iter().take(LONGEST_TAG).position(|b| *b == b')') {
            after += closing + 1;
        }
        self.flush(self.at);
        self.link(words, target);
        self.skip_to(after);
        true
    }

    fn link(&mut self, words: &str, target: &str) {
        self.out.push_link(words, self.link, target);
        if words != target {
            self.out.push(" <", self.dim);
            self.out.push_link(target, self.dim, target);
            self.out.push(">", self.dim);
        }
    }

    /// The address that begins here, empty when none does.
    fn target(&self, from: usize) -> &'l str {
        let rest = self.slice(from, self.line.len());
        let leads = ["http://", "https://", "mailto:", "ftp://", "/", "#"];
        if !leads.iter().any(|lead| rest.starts_with(lead)) {
            return "";
        }
        let end = rest
            .find([' ', '<', '>', '"', '|', ')', ']'])
            .unwrap_or(rest.len());
        rest.get(..end)
            .unwrap_or_default()
            .trim_end_matches(['.', ',', ';', ':', '!', '?'])
    }

    /// `https://…` as it stands: signs in it are no emphasis.
    fn bare_link(&mut self) -> bool {
        let rest = self.slice(self.at, self.line.len());
        if self.within_word() || !(rest.starts_with("http://") || rest.starts_with("https://")) {
            return false;
        }
        let target = self.target(self.at);
        self.flush(self.at);
        self.out.push_link(target, self.link, target);
        self.skip_to(self.at + target.len());
        true
    }

    /// `!picture.png!`, `![words](picture.png)`.
    fn image(&mut self) -> bool {
        let from = self.at + 1;
        if self.within_word() {
            return false;
        }
        let mut to = (from + LONGEST_IMAGE).min(self.line.len());
        while !self.line.is_char_boundary(to) {
            to -= 1;
        }
        let near = self.slice(from, to);
        let (name, after) = if let Some(rest) = near.strip_prefix('[') {
            let Some((words, rest)) = rest.split_once("](") else {
                return false;
            };
            let Some((file, _)) = rest.split_once(')') else {
                return false;
            };
            let name = if words.is_empty() { file } else { words };
            (name, from + 1 + words.len() + 2 + file.len() + 1)
        } else {
            let Some((file, _)) = near.split_once('!') else {
                return false;
            };
            if file.contains(' ') || !file.contains('.') || file.ends_with('.') {
                return false;
            }
            (file, from + file.len() + 1)
        };
        self.flush(self.at);
        self.out.push("[picture ", self.dim);
        self.out.push(name, self.dim);
        self.out.push("]", self.dim);
        self.skip_to(after);
        true
    }

    /// Tags that only change how something looks are left out.
    fn tag(&mut self) -> bool {
        let rest = self.line.as_bytes().get(self.at + 1..).unwrap_or_default();
        let Some(long) = rest.iter().take(LONGEST_TAG).position(|b| *b == b'>') else {
            return false;
        };
        let inner = self.slice(self.at + 1, self.at + 1 + long);
        let name = inner.trim_start_matches('/');
        let name = name.split([' ', '/']).next().unwrap_or_default();
        let known = TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name));
        if !known {
            return false;
        }
        self.flush(self.at);
        self.skip_to(self.at + long + 2);
        true
    }

    /// `\*` is a star and no emphasis.
    fn escape(&mut self) -> bool {
        if !matches!(
            self.byte(self.at + 1),
            Some(b'*' | b'_' | b'`' | b'[' | b'\\' | b'#')
        ) {
            return false;
        }
        self.flush(self.at);
        self.skip_to(self.at + 1);
        self.at += 1;
        true
    }
}
