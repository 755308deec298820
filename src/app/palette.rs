//! The palette: actions found by name.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::keys::Action;
use super::keys::action::ACTIONS;
use super::line_editor::LineEditor;

/// An open palette.
#[derive(Debug, Clone, PartialEq)]
pub struct Palette {
    /// What is being written.
    pub editor: LineEditor,
    /// Actions that fit, the best first.
    pub entries: Vec<Action>,
    /// The chosen entry.
    pub selected: usize,
}

impl Palette {
    /// A palette with nothing written: all actions.
    pub fn new() -> Self {
        let mut this = Self {
            editor: LineEditor::default(),
            entries: Vec::new(),
            selected: 0,
        };
        this.search();
        this
    }

    /// Finds the actions that fit what is written.
    pub fn search(&mut self) {
        self.selected = 0;
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(
            self.editor.text(),
            CaseMatching::Ignore,
            Normalization::Smart,
        );
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize, Action)> = ACTIONS
            .iter()
            .enumerate()
            .filter(|(_, about)| !matches!(about.action, Action::Palette))
            .filter_map(|(order, about)| {
                let by_name = pattern.score(Utf32Str::new(about.name, &mut buffer), &mut matcher);
                let by_sentence =
                    pattern.score(Utf32Str::new(about.says, &mut buffer), &mut matcher);
                // A hit in the name is worth more than one in the sentence.
                by_name
                    .map(|s| s + 100)
                    .max(by_sentence)
                    .map(|score| (score, order, about.action))
            })
            .collect();
        scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        self.entries = scored.into_iter().map(|(_, _, action)| action).collect();
    }

    /// Moves the choice.
    pub fn step(&mut self, by: isize) {
        let last = self.entries.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    /// The chosen action.
    pub fn chosen(&self) -> Option<Action> {
        self.entries.get(self.selected).copied()
    }
}

impl Default for Palette {
    fn default() -> Self {
        Self::new()
    }
}
