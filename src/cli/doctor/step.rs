//! One step of an examination.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::domain::Failure;
use crate::ui::words;

/// What a step came to, from harmless to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Not done, because an earlier one failed or it does not apply.
    Skipped,
    /// Well.
    Ok,
    /// Worth knowing.
    Note,
    /// Works, and should be better.
    Warning,
    /// Does not work.
    Fails,
}

impl Verdict {
    /// In one word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Fails => "FAILS",
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// What was looked at.
    #[serde(rename = "step")]
    pub name: &'static str,
    /// What it came to.
    pub verdict: Verdict,
    /// How long it took, in milliseconds.
    pub took_ms: Option<u64>,
    /// What was found.
    pub what: String,
    /// What to do; may have several lines, those to copy stand alone.
    pub next: Option<String>,
}

impl Step {
    /// A step.
    pub fn new(name: &'static str, verdict: Verdict, what: &str) -> Self {
        Self {
            name,
            verdict,
            took_ms: None,
            what: what.to_owned(),
            next: None,
        }
    }

    /// A step that a failure ended.
    pub fn failed(name: &'static str, failure: &Failure) -> Self {
        let said = words::failure(failure);
        Self {
            // Here is no key to press.
            next: said
                .next
                .map(|next| next.replace(", then ask again with r.", ".")),
            ..Self::new(name, Verdict::Fails, said.what.trim_end_matches('.'))
        }
    }

    /// With what to do.
    pub fn next(mut self, next: &str) -> Self {
        self.next = Some(next.to_owned());
        self
    }

    /// With more to do after what is said already.
    pub fn also(mut self, next: &str) -> Self {
        self.next = Some(match self.next {
            Some(first) => format!("{first}\n{next}"),
            None => next.to_owned(),
        });
        self
    }

    /// As a person reads it: the verdict, what was found, and below it what to do.
    pub fn text(&self) -> String {
        let took = self.took_ms.map_or_else(String::new, |took| {
            format!("  [{}]", words::milliseconds(Duration::from_millis(took)))
        });
        let mut out = format!(
            "  {:<8} {:<14} {}{took}\n",
            self.verdict.word(),
            self.name,
            self.what.replace('\n', "\n                          ")
        );
        for line in self.next.iter().flat_map(|next| next.lines()) {
            out.push_str("           -> ");
            out.push_str(line);
            out.push('\n');
        }
        out
    }

    /// With how long it took.
    pub fn took(mut self, took: Duration) -> Self {
        self.took_ms = Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        self
    }
}

/// Who is told of a step.
type Told = Box<dyn Fn(&Step) + Send + Sync>;

/// Steps so far; they stay when the examination is cut off.
#[derive(Default)]
pub struct Steps {
    done: Mutex<Vec<Step>>,
    /// Is told of each step when it is done, for those who wait before a terminal.
    told: Option<Told>,
}

impl Steps {
    /// Steps that are told as they are done.
    pub fn telling(told: impl Fn(&Step) + Send + Sync + 'static) -> Self {
        Self {
            done: Mutex::default(),
            told: Some(Box::new(told)),
        }
    }

    /// Adds a step.
    pub fn push(&self, step: Step) {
        if let Some(told) = &self.told {
            told(&step);
        }
        self.done
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(step);
    }

    /// Adds that the rest was not tried.
    pub fn skip(&self, rest: &str) {
        self.push(Step::new(
            "the rest",
            Verdict::Skipped,
            &format!("{rest}: not tried"),
        ));
    }

    /// All of them.
    pub fn take(&self) -> Vec<Step> {
        std::mem::take(&mut self.done.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
