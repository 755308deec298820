//! What people write in tickets: Textile or CommonMark, as the configuration says their Redmine is set.
//!
//! As far as people use them: headings, lists, quotes, code, tables, rules, emphasis, links, tickets and people.
//! What is not understood stays as it was written. One pass, no recursion, whatever comes in.

mod inline;
mod table;

use std::iter::Peekable;
use std::str::Split;

use ratatui::text::Span;

use crate::domain::ticket::Markup;

use super::flow::Break;
use super::sheet::Sheet;

/// How a text is written, and where what it names is.
#[derive(Debug, Clone, Copy)]
pub struct Writing<'a> {
    /// Its markup.
    pub markup: Markup,
    /// What stands before the number in the address of a ticket.
    pub tickets: Option<&'a str>,
}

/// Deepest nesting of lists that is shown.
const DEEPEST: u16 = 4;

/// What a line of the source is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Block<'t> {
    /// Nothing: paragraphs part.
    Gap,
    /// Words.
    Plain(&'t str),
    /// A heading.
    Heading(&'t str),
    /// An entry of a list: depth, its number if it has one.
    Entry(u16, Option<u32>, &'t str),
    /// Somebody else's words.
    Quote(&'t str),
    /// Preformatted.
    Code(&'t str),
    /// Rows of a table.
    Table(Vec<&'t str>),
    /// A rule across.
    Rule,
}

/// Where preformatted text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fence {
    /// At a line of at least so many of this sign.
    Signs(u8, usize),
    /// At `</pre>`.
    Tag,
}

/// Reads blocks from text.
struct Reader<'t> {
    markup: Markup,
    lines: Peekable<Split<'t, char>>,
    fence: Option<Fence>,
    /// What stands after a tag on the line that was read last.
    rest: Option<&'t str>,
    /// Number of the last entry of a numbered list written with `#`, by depth.
    numbers: [u32; DEEPEST as usize + 1],
    after_hash: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, markup: Markup) -> Self {
        Self {
            markup,
            lines: text.split('\n').peekable(),
            fence: None,
            rest: None,
            numbers: [0; DEEPEST as usize + 1],
            after_hash: false,
        }
    }

    /// A line within preformatted text; `None` when the text ends here and nothing is left to show.
    fn code(&mut self, fence: Fence, line: &'t str) -> Option<Block<'t>> {
        let (code, ends) = match fence {
            Fence::Signs(sign, least) => {
                let trimmed = line.trim();
                let signs = trimmed.bytes().take_while(|b| *b == sign).count();
                let ends = signs >= least && signs == trimmed.len();
                (if ends { "" } else { line }, ends)
            }
            Fence::Tag => match find_tag(line, "</pre>") {
                Some((before, after)) => {
                    self.rest = (!after.trim().is_empty()).then_some(after);
                    (before, true)
                }
                None => (line, false),
            },
        };
        if ends {
            self.fence = None;
        }
        let code = without_tag(code, "</code>");
        (!ends || !code.trim().is_empty()).then_some(Block::Code(code))
    }

    fn open(&mut self, line: &'t str) -> Option<Block<'t>> {
        let trimmed = line.trim();
        let fences: &[u8] = match self.markup {
            Markup::Markdown => b"`~",
            // No markup of Textile, but many write it, and Redmine shows it as it stands.
            Markup::Textile => b"`",
        };
        for sign in fences.iter().copied() {
            let signs = trimmed.bytes().take_while(|b| *b == sign).count();
            let after = trimmed.get(signs..).unwrap_or_default();
            if signs >= 3 && !after.contains(char::from(sign)) {
                self.fence = Some(Fence::Signs(sign, signs));
                return None;
            }
        }
        if let Some((before, after)) = find_tag(line, "<pre")
            && after.starts_with(['>', ' '])
        {
            let code = after.split_once('>').map_or("", |(_, code)| code);
            let code = match code.trim_start().strip_prefix("<code") {
                Some(code) => code.split_once('>').map_or("", |(_, code)| code),
                None => code,
            };
            self.fence = Some(Fence::Tag);
            if before.trim().is_empty() {
                return self.within(code);
            }
            self.rest = (!code.is_empty()).then_some(code);
            return Some(Block::Plain(before.trim_end()));
        }
        Some(self.block(line))
    }

    /// What stands right after an opening tag.
    fn within(&mut self, code: &'t str) -> Option<Block<'t>> {
        if code.trim().is_empty() {
            return None;
        }
        self.code(Fence::Tag, code)
    }

    fn block(&mut self, line: &'t str) -> Block<'t> {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        let indent = u16::try_from(blanks / 2).unwrap_or(DEEPEST);
        let line = line.trim();
        let after_hash = std::mem::take(&mut self.after_hash);
        let hashes = line.bytes().take_while(|b| *b == b'#').count();
        if (1..=6).contains(&hashes)
            && let Some(words) = line.get(hashes..).and_then(|l| l.strip_prefix(' '))
        {
            // Textile's numbered list and CommonMark's heading look the same.
            if self.markup == Markup::Textile {
                return self.numbered(after_hash, hashes, words.trim());
            }
            return Block::Heading(words.trim().trim_end_matches('#').trim_end());
        }
        if line.is_empty() {
            return Block::Gap;
        }
        let textile = self.markup == Markup::Textile;
        if let Some(words) = textile_heading(line).filter(|_| textile) {
            return Block::Heading(words);
        }
        if is_rule(line) {
            return Block::Rule;
        }
        if let Some(words) = line.strip_prefix("bq. ").filter(|_| textile) {
            return Block::Quote(words);
        }
        if line.starts_with('>') {
            return Block::Quote(line.trim_start_matches(['>', ' ']));
        }
        if is_row(line) {
            let mut rows = vec![line];
            while let Some(next) = self.lines.next_if(|next| is_row(next)) {
                rows.push(next);
            }
            return Block::Table(rows);
        }
        if let Some((depth, words)) = bullet(line) {
            return Block::Entry((depth + indent).min(DEEPEST), None, words);
        }
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=4).contains(&digits) {
            let (number, after) = line.split_at_checked(digits).unwrap_or_default();
            let words = after.strip_prefix(". ").or(after.strip_prefix(") "));
            if let (Ok(number), Some(words)) = (number.parse(), words) {
                return Block::Entry(indent.min(DEEPEST), Some(number), words.trim_start());
            }
        }
        let paragraph = line.strip_prefix("p. ").filter(|_| textile);
        Block::Plain(paragraph.unwrap_or(line))
    }

    fn numbered(&mut self, goes_on: bool, hashes: usize, words: &'t str) -> Block<'t> {
        self.after_hash = true;
        if !goes_on {
            self.numbers = [0; DEEPEST as usize + 1];
        }
        let depth = (hashes - 1).min(usize::from(DEEPEST));
        for deeper in self.numbers.iter_mut().skip(depth + 1) {
            *deeper = 0;
        }
        let mut number = 1;
        if let Some(last) = self.numbers.get_mut(depth) {
            *last = last.saturating_add(1);
            number = *last;
        }
        let depth = u16::try_from(depth).unwrap_or(DEEPEST);
        Block::Entry(depth, Some(number), words)
    }
}

impl<'t> Iterator for Reader<'t> {
    type Item = Block<'t>;

    fn next(&mut self) -> Option<Block<'t>> {
        loop {
            let line = match self.rest.take() {
                Some(rest) => rest,
                None => self.lines.next()?,
            };
            let block = match self.fence {
                Some(fence) => self.code(fence, line),
                None => self.open(line),
            };
            if block.is_some() {
                return block;
            }
        }
    }
}

/// What stands before and after a tag, its case set aside.
fn find_tag<'t>(line: &'t str, tag: &str) -> Option<(&'t str, &'t str)> {
    let at = line
        .as_bytes()
        .windows(tag.len())
        .position(|window| window.eq_ignore_ascii_case(tag.as_bytes()))?;
    Some((line.get(..at)?, line.get(at + tag.len()..)?))
}

fn without_tag<'t>(code: &'t str, tag: &str) -> &'t str {
    let trimmed = code.trim_end();
    trimmed.strip_suffix(tag).unwrap_or(code)
}

/// Whether a line is a row of a table.
fn is_row(line: &str) -> bool {
    let line = line.trim();
    line.len() > 1 && line.starts_with('|') && line.ends_with('|')
}

/// `h2. Words`, `h3(#anchor). Words`.
fn textile_heading(line: &str) -> Option<&str> {
    let rest = line
        .strip_prefix(['h'])?
        .strip_prefix(['1', '2', '3', '4', '5', '6'])?;
    let (attributes, words) = rest.split_once(". ")?;
    let fits = attributes.is_empty()
        || (attributes.starts_with(['(', '{', '<', '>', '=']) && !attributes.contains(' '));
    fits.then(|| words.trim())
}

/// `---`, `***`, `= = =`.
fn is_rule(line: &str) -> bool {
    let Some(first @ (b'-' | b'*' | b'_' | b'=')) = line.bytes().next() else {
        return false;
    };
    line.bytes().filter(|b| *b == first).count() >= 3
        && line.bytes().all(|b| b == first || b == b' ')
}

/// Depth and words of an entry: `* one`, `** two`, `- three`.
fn bullet(line: &str) -> Option<(u16, &str)> {
    let stars = line.bytes().take_while(|b| *b == b'*').count();
    let signs = match stars {
        0 => usize::from(line.starts_with(['-', '+', '•'])),
        stars => stars,
    };
    let after = match line.strip_prefix('•') {
        Some(after) => after,
        None => line.get(signs..)?,
    };
    if signs == 0 || signs > 6 {
        return None;
    }
    let words = after.strip_prefix(' ')?.trim_start();
    let depth = u16::try_from(signs - 1).unwrap_or(DEEPEST);
    // Tasks of CommonMark: the box stays, it is what the entry says.
    (!words.is_empty()).then_some((depth, words))
}

/// Writes text on a sheet, from cell `x` on.
pub fn write(sheet: &mut Sheet<'_>, text: &str, x: u16, writing: &Writing<'_>) {
    let theme = sheet.theme();
    let mut wrote = false;
    for block in Reader::new(text.trim_end(), writing.markup) {
        if block == Block::Gap {
            if wrote {
                sheet.gap();
            }
            continue;
        }
        wrote = true;
        match block {
            Block::Gap => {}
            Block::Plain(words) => {
                let words = inline::styled(sheet, words, sheet.text("").style, writing);
                sheet.block(x, None, &words, Break::Words);
            }
            Block::Heading(words) => {
                let words = inline::styled(sheet, words, theme.heading, writing);
                sheet.block(x, None, &words, Break::Words);
            }
            Block::Entry(depth, number, words) => {
                let sign = number.map_or_else(
                    || format!("{} ", sheet.glyphs().dot),
                    |number| format!("{number}. "),
                );
                let wide = crate::ui::widget::fit::width(&sign);
                let at = x + depth * 2 + wide;
                let words = inline::styled(sheet, words, sheet.text("").style, writing);
                let sign = Span::styled(sign, theme.dim);
                sheet.block(at, Some(&sign), &words, Break::Words);
            }
            Block::Quote(words) => {
                let words = inline::styled(sheet, words, theme.quote, writing);
                let bar =
                    Span::styled(format!("{} ", sheet.glyphs().borders.vertical), theme.faint);
                sheet.quote(x + 2, &bar, &words);
            }
            Block::Code(words) => {
                let words = sheet.styled(&[Span::styled(words, theme.code)]);
                sheet.block(x + 2, None, &words, Break::Cells);
            }
            Block::Table(rows) => table::write(sheet, &rows, x, writing),
            Block::Rule => sheet.rule(),
        }
    }
}

#[cfg(test)]
mod tests;
