//! The signs beside words. Each is one cell wide; none needs a special font.

use crate::domain::{Freshness, Severity};

/// A set of signs. Three exist: [`Glyphs::UNICODE`], [`Glyphs::ASCII`] and [`Glyphs::CONSOLE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// Severity ok.
    pub ok: &'static str,
    /// Severity info.
    pub info: &'static str,
    /// Severity warning.
    pub warning: &'static str,
    /// Severity unknown.
    pub unknown: &'static str,
    /// Severity critical.
    pub critical: &'static str,
    /// Freshness fresh.
    pub fresh: &'static str,
    /// Freshness late.
    pub late: &'static str,
    /// Freshness stale.
    pub stale: &'static str,
    /// Freshness lost.
    pub lost: &'static str,
    /// Freshness never.
    pub never: &'static str,
    /// A cell of a meter filled by one to eight eighths.
    pub bar: [&'static str; 8],
    /// A cell of a meter's empty part.
    pub bar_empty: &'static str,
    /// A value in a course, lowest to highest.
    pub trend: [&'static str; 8],
    /// No value in a course: never the same as the lowest.
    pub trend_gap: &'static str,
    /// Lines and corners.
    pub borders: Borders,
    /// Stands for text that was cut off.
    pub ellipsis: &'static str,
    /// Up; also: sorted upwards.
    pub up: &'static str,
    /// Down; also: sorted downwards.
    pub down: &'static str,
    /// Between the links of a chain; also: the row under the cursor.
    pub chain: &'static str,
    /// The Enter key.
    pub enter: &'static str,
    /// Done, there, yes.
    pub check: &'static str,
    /// A marked row.
    pub mark: &'static str,
    /// Not read yet.
    pub unread: &'static str,
    /// From what was to what is.
    pub becomes: &'static str,
    /// Written down somewhere.
    pub note: &'static str,
    /// Locked.
    pub lock: &'static str,
    /// Between things in one line.
    pub dot: &'static str,
    /// The track of a scroll bar.
    pub track: &'static str,
    /// The thumb of a scroll bar.
    pub thumb: &'static str,
}

/// Lines and corners of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Borders {
    /// `─`
    pub horizontal: &'static str,
    /// `│`
    pub vertical: &'static str,
    /// `┌`
    pub top_left: &'static str,
    /// `┐`
    pub top_right: &'static str,
    /// `└`
    pub bottom_left: &'static str,
    /// `┘`
    pub bottom_right: &'static str,
    /// `┬`, where two panels share a line.
    pub tee_down: &'static str,
    /// `┴`
    pub tee_up: &'static str,
    /// `├`
    pub tee_right: &'static str,
    /// `┤`
    pub tee_left: &'static str,
}

impl Glyphs {
    /// For terminals that show UTF-8.
    pub const UNICODE: Self = Self {
        ok: "●",
        info: "○",
        warning: "▲",
        unknown: "?",
        critical: "■",
        fresh: "●",
        late: "◐",
        stale: "○",
        lost: "✕",
        never: "◌",
        bar: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
        bar_empty: "·",
        trend: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        trend_gap: " ",
        borders: Borders {
            horizontal: "─",
            vertical: "│",
            top_left: "┌",
            top_right: "┐",
            bottom_left: "└",
            bottom_right: "┘",
            tee_down: "┬",
            tee_up: "┴",
            tee_right: "├",
            tee_left: "┤",
        },
        ellipsis: "…",
        up: "↑",
        down: "↓",
        chain: "›",
        enter: "⏎",
        check: "✓",
        mark: "▌",
        unread: "•",
        becomes: "→",
        note: "✎",
        lock: "⊠",
        dot: "·",
        track: "│",
        thumb: "█",
    };

    /// Where only ASCII is safe.
    pub const ASCII: Self = Self {
        ok: ".",
        info: "i",
        warning: "!",
        unknown: "?",
        critical: "#",
        fresh: ".",
        late: "~",
        stale: "o",
        lost: "x",
        never: "-",
        bar: [".", ".", ".", "=", "=", "#", "#", "#"],
        bar_empty: ".",
        trend: ["_", ".", ":", "-", "=", "+", "*", "#"],
        trend_gap: " ",
        borders: Borders {
            horizontal: "-",
            vertical: "|",
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            tee_down: "+",
            tee_up: "+",
            tee_right: "+",
            tee_left: "+",
        },
        ellipsis: "~",
        up: "^",
        down: "v",
        chain: ">",
        enter: "<",
        check: "x",
        mark: "*",
        unread: "*",
        becomes: ">",
        note: "@",
        lock: "L",
        dot: "-",
        track: "|",
        thumb: "#",
    };

    /// For the Linux console: its fonts hold Latin, lines and half blocks, little else.
    pub const CONSOLE: Self = Self {
        bar: ["░", "░", "░", "▌", "▌", "█", "█", "█"],
        bar_empty: "░",
        borders: Self::UNICODE.borders,
        chain: "»",
        dot: "·",
        mark: "▌",
        track: "░",
        thumb: "█",
        ..Self::ASCII
    };

    /// The set for a terminal that shows UTF-8 or not, and more than a console's 512 glyphs or not.
    pub const fn fitting(unicode: bool, rich: bool) -> Self {
        match (unicode, rich) {
            (true, true) => Self::UNICODE,
            (true, false) => Self::CONSOLE,
            (false, _) => Self::ASCII,
        }
    }

    /// The sign of a severity.
    pub const fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Ok => self.ok,
            Severity::Info => self.info,
            Severity::Warning => self.warning,
            Severity::Unknown => self.unknown,
            Severity::Critical => self.critical,
        }
    }

    /// The sign of a freshness.
    pub const fn freshness(&self, freshness: Freshness) -> &'static str {
        match freshness {
            Freshness::Fresh => self.fresh,
            Freshness::Late => self.late,
            Freshness::Stale => self.stale,
            Freshness::Lost => self.lost,
            Freshness::Never => self.never,
        }
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    fn all(set: &Glyphs) -> Vec<&'static str> {
        let b = set.borders;
        let mut all = vec![
            set.ok,
            set.info,
            set.warning,
            set.unknown,
            set.critical,
            set.fresh,
            set.late,
            set.stale,
            set.lost,
            set.never,
            set.bar_empty,
            set.trend_gap,
            set.ellipsis,
            set.up,
            set.down,
            set.chain,
            set.enter,
            set.check,
            set.mark,
            set.unread,
            set.becomes,
            set.note,
            set.lock,
            set.dot,
            set.track,
            set.thumb,
            b.horizontal,
            b.vertical,
            b.top_left,
            b.top_right,
            b.bottom_left,
            b.bottom_right,
            b.tee_down,
            b.tee_up,
            b.tee_right,
            b.tee_left,
        ];
        all.extend(set.bar);
        all.extend(set.trend);
        all
    }

    #[test]
    fn every_sign_is_one_cell_and_no_private_character() {
        for set in [Glyphs::UNICODE, Glyphs::ASCII, Glyphs::CONSOLE] {
            for sign in all(&set) {
                assert_eq!(sign.width(), 1, "{sign:?}");
                assert_eq!(sign.chars().count(), 1, "{sign:?}");
                assert!(
                    !sign.contains(|c| ('\u{e000}'..='\u{f8ff}').contains(&c)),
                    "{sign:?}"
                );
            }
        }
        assert!(all(&Glyphs::ASCII).iter().all(|sign| sign.is_ascii()));
    }

    #[test]
    fn severities_and_freshness_differ_by_sign_alone() {
        for set in [Glyphs::UNICODE, Glyphs::ASCII, Glyphs::CONSOLE] {
            let mut severities = Severity::ALL
                .map(|severity| set.severity(severity))
                .to_vec();
            severities.sort_unstable();
            severities.dedup();
            assert_eq!(severities.len(), 5, "{severities:?}");
            let mut ages = vec![set.fresh, set.late, set.stale, set.lost, set.never];
            ages.sort_unstable();
            ages.dedup();
            assert_eq!(ages.len(), 5, "{ages:?}");
            assert!(!set.trend.contains(&set.trend_gap), "a gap is not zero");
        }
    }
}
