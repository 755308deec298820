//! The whole examination, as text and as JSON.

use std::fmt::Write as _;

use serde_json::json;

use crate::domain::{Moment, SourceKind};
use crate::ui::words;

use super::redact::Mask;
use super::step::{Step, Verdict};

/// Steps about one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// A source's name, or what else was looked at.
    pub name: String,
    /// A source's kind.
    pub kind: Option<SourceKind>,
    /// What was found.
    pub steps: Vec<Step>,
}

impl Section {
    /// A section that is no source's.
    pub fn of(name: &str, steps: Vec<Step>) -> Self {
        Self {
            name: name.to_owned(),
            kind: None,
            steps,
        }
    }

    fn worst(&self) -> Verdict {
        let verdicts = self.steps.iter().map(|step| step.verdict);
        verdicts.max().unwrap_or(Verdict::Ok)
    }
}

/// All sections.
#[derive(Debug, Default)]
pub struct Report {
    /// Sources first.
    pub sections: Vec<Section>,
}

impl Report {
    /// The worst of all steps.
    pub fn worst(&self) -> Verdict {
        let worst = self.sections.iter().map(Section::worst).max();
        worst.unwrap_or(Verdict::Ok)
    }

    /// Masks what says where this is.
    pub fn redact(&mut self, mask: &Mask) {
        for section in &mut self.sections {
            // People name sources after hosts.
            section.name = mask.over(&section.name);
            for step in &mut section.steps {
                step.what = mask.over(&step.what);
                step.next = step.next.as_deref().map(|next| mask.over(next));
            }
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for section in &self.sections {
            let kind = section.kind.map_or_else(String::new, |kind| {
                format!(" ({})", words::source_kind(kind))
            });
            // Writing into a String does not fail.
            let _ = writeln!(out, "{}{kind}", section.name);
            for step in &section.steps {
                out.push_str(&step.text());
            }
            out.push('\n');
        }
        let count = |verdict| {
            let steps = self.sections.iter().flat_map(|s| &s.steps);
            steps.filter(|step| step.verdict == verdict).count() as u64
        };
        let _ = match (count(Verdict::Fails), count(Verdict::Warning)) {
            (0, 0) => writeln!(out, "all is well"),
            (0, warnings) => writeln!(out, "{}", words::count(warnings, "warning")),
            (1, 0) => writeln!(out, "1 step fails"),
            (fails, 0) => writeln!(out, "{fails} steps fail"),
            (fails, warnings) => writeln!(
                out,
                "{} and {}",
                words::count(fails, "failure"),
                words::count(warnings, "warning")
            ),
        };
        out
    }

    /// For programs; fields are only ever added.
    pub fn json(&self) -> String {
        let section = |section: &Section| {
            json!({
                "name": section.name,
                "kind": section.kind.map(SourceKind::name),
                "verdict": section.worst(),
                "steps": section.steps,
            })
        };
        let whole = json!({
            "schema": 1,
            "vigie": env!("CARGO_PKG_VERSION"),
            "at": Moment::now().rfc3339(),
            "verdict": self.worst(),
            "sections": self.sections.iter().map(section).collect::<Vec<_>>(),
        });
        format!("{whole:#}\n")
    }
}
