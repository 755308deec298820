//! Links (OSC 8): text on the screen that the terminal opens.
//!
//! Only http and https, percent-encoded and without control characters, so that an address from a
//! server cannot end the sequence. Only for terminals known to understand it
//! ([`super::Capability::links`]): others print rubbish.

use std::num::NonZeroU16;

use ratatui::buffer::{Buffer, CellDiffOption, CellWidth};
use ratatui::layout::Rect;
use url::Url;

/// Longest address, in bytes: what VTE takes. Longer ones are no links.
const LONGEST: usize = 2083;

/// The symbol of a cell that shows `text` and links to `url`; `None` when the address must not be
/// linked to or the text is not inert. `group` is the same for the parts of one link, so that
/// terminals mark them together.
///
/// Takes several columns: the cell needs [`CellDiffOption::ForcedWidth`], which [`apply`] sees to.
pub fn symbol(text: &str, url: &Url, group: u32) -> Option<String> {
    if !matches!(url.scheme(), "http" | "https") || text.chars().any(char::is_control) {
        return None;
    }
    let mut target = url.clone();
    // The user sees host and path before opening; a password in front of them would be sent on.
    target.set_username("").ok()?;
    target.set_password(None).ok()?;
    let target = target.as_str();
    let printable = target.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    (printable && target.len() <= LONGEST)
        .then(|| format!("\x1b]8;id={group:x};{target}\x1b\\{text}\x1b]8;;\x1b\\"))
}

/// Makes what is drawn in the first row of `area` a link to `url`. Returns whether it did.
///
/// Each stretch of one style becomes one cell, which is rewritten as a whole or not at all.
pub fn apply(buffer: &mut Buffer, area: Rect, url: &Url, group: u32) -> bool {
    let area = Rect { height: 1, ..area }.intersection(*buffer.area());
    if area.is_empty() || symbol("", url, group).is_none() {
        return false;
    }
    let mut linked = false;
    let mut start = area.left();
    while start < area.right() {
        let style = buffer[(start, area.y)].style();
        let mut text = String::new();
        let mut end = start;
        while end < area.right() && buffer[(end, area.y)].style() == style {
            let cell = &buffer[(end, area.y)];
            let width = cell.cell_width().max(1);
            if width > area.right() - end {
                break;
            }
            text.push_str(cell.symbol());
            end += width;
        }
        let width = NonZeroU16::new(end - start);
        if let (Some(width), Some(symbol)) = (width, symbol(&text, url, group)) {
            buffer[(start, area.y)]
                .set_symbol(&symbol)
                .set_diff_option(CellDiffOption::ForcedWidth(width));
            linked = true;
        }
        start = end.max(start + 1);
    }
    linked
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use ratatui::style::Style;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn bytes() {
        assert_eq!(
            symbol("wiki", &url("https://wiki.example.org/a b?c=ü"), 10).unwrap(),
            "\x1b]8;id=a;https://wiki.example.org/a%20b?c=%C3%BC\x1b\\wiki\x1b]8;;\x1b\\"
        );
    }

    #[test]
    fn only_the_web_and_only_inert() {
        assert_eq!(symbol("x", &url("javascript:alert(1)"), 1), None);
        assert_eq!(symbol("x", &url("file:///etc/passwd"), 1), None);
        assert_eq!(symbol("x", &url("ssh://host"), 1), None);
        assert_eq!(symbol("x\x1b[2J", &url("https://e.org"), 1), None);
        let long = format!("https://e.org/{}", "a".repeat(LONGEST));
        assert_eq!(symbol("x", &url(&long), 1), None);
        let evil = symbol("x", &url("https://e.org/\x1b\\\x07\u{9c}"), 1).unwrap();
        assert_eq!(evil.matches('\x1b').count(), 4);
        assert!(!evil.contains('\x07') && !evil.contains('\u{9c}'));
        let named = symbol("x", &url("https://user:secret@e.org/"), 1).unwrap();
        assert!(
            !named.contains("secret") && !named.contains("user"),
            "{named}"
        );
    }

    #[test]
    fn a_row_becomes_one_cell_for_each_style() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        buffer.set_string(2, 0, "wi", Style::new());
        buffer.set_string(
            4,
            0,
            "漢字",
            Style::new().add_modifier(ratatui::style::Modifier::BOLD),
        );
        assert!(apply(
            &mut buffer,
            Rect::new(2, 0, 6, 3),
            &url("https://e.org"),
            1
        ));
        let first = &buffer[(2, 0)];
        assert!(first.symbol().contains("\\wi\x1b"), "{}", first.symbol());
        assert_eq!(first.cell_width(), 2);
        let second = &buffer[(4, 0)];
        assert!(second.symbol().contains("\\漢"), "{}", second.symbol());
        assert_eq!(buffer[(0, 0)].symbol(), " ");
        assert_eq!(buffer[(8, 0)].symbol(), " ");
    }

    #[test]
    fn outside_the_buffer_or_not_linkable_changes_nothing() {
        let mut buffer = Buffer::with_lines(["wiki"]);
        let before = buffer.clone();
        assert!(!apply(
            &mut buffer,
            Rect::new(9, 9, 4, 1),
            &url("https://e.org"),
            1
        ));
        assert!(!apply(
            &mut buffer,
            Rect::new(0, 0, 4, 1),
            &url("mailto:a@e.org"),
            1
        ));
        assert_eq!(buffer, before);
    }
}
