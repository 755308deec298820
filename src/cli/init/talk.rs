//! Questions and answers, a line each: no colour, no cursor, so that any terminal and any link will do.
//!
//! Without a terminal nothing is asked: what no flag says is either the usual, or said to be missing.

use std::io::{BufRead as _, IsTerminal as _};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use unicode_width::UnicodeWidthStr as _;

use super::leaving::Quiet;
use crate::cli::print;
use crate::config::Secret;
use crate::domain::Text;

/// How long a pasted text of several lines may take to come in whole.
const PASTED_WITHIN: Duration = Duration::from_millis(150);

/// Why the dialogue cannot go on.
#[derive(Debug)]
pub enum Stop {
    /// The user left, or the terminal did.
    Left,
    /// There is nobody to ask, and this flag, which would have told, is not there.
    Missing {
        /// The flag.
        flag: &'static str,
        /// What it would have told.
        what: String,
    },
    /// What a flag says is no good, and there is nobody to ask for better.
    Refused(String),
}

/// Who is talked to.
#[derive(Debug, Clone, Copy)]
pub struct Talk {
    asks: bool,
}

/// One of several answers.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// What is typed for it, beside its number.
    pub word: &'a str,
    /// What it means.
    pub means: &'a str,
}

/// A choice.
pub const fn choice<'a>(word: &'a str, means: &'a str) -> Choice<'a> {
    Choice { word, means }
}

impl Talk {
    /// Talks to whoever started the program.
    pub fn of_process() -> Self {
        Self {
            asks: std::io::stdin().is_terminal() && std::io::stdout().is_terminal(),
        }
    }

    /// Whether there is somebody to ask.
    pub const fn asks(self) -> bool {
        self.asks
    }

    /// Says something, in lines of its own, broken between words where the terminal ends.
    pub fn say(self, text: &str) {
        let width = self.width();
        let mut said = String::new();
        for line in text.trim_end_matches('\n').split('\n') {
            said.push_str(&wrapped(line, width));
            said.push('\n');
        }
        print(&said);
    }

    /// Shows lines as they are, to be read or copied as a whole.
    pub fn show(text: &str) {
        print(&format!("{}\n", text.trim_end_matches('\n')));
    }

    /// Says what is wrong and what to do: one line each.
    pub fn wrong(self, what: &str, next: &str) {
        let mut said = format!("  ! {}\n", Text::clean(what));
        for line in next.lines() {
            said.push_str(&format!("    -> {line}\n"));
        }
        self.say(&said);
    }

    /// Columns of the terminal; without one, lines are as long as they are.
    fn width(self) -> usize {
        if !self.asks {
            return usize::MAX;
        }
        let size = rustix::termios::tcgetwinsize(std::io::stdout());
        match size.map(|size| usize::from(size.ws_col)) {
            Ok(columns) if columns >= 20 => columns,
            // A serial line does not tell.
            _ => 80,
        }
    }

    /// Asks for a line. An empty one is the usual, if there is one. `flag` is what would have told.
    pub fn line(
        self,
        question: &str,
        usual: Option<&str>,
        flag: &'static str,
    ) -> Result<String, Stop> {
        if !self.asks {
            return usual.map(str::to_owned).ok_or_else(|| Stop::Missing {
                flag,
                what: question.to_owned(),
            });
        }
        loop {
            let asked = match usual {
                Some(usual) => format!("{question} [{usual}]: "),
                None => format!("{question}: "),
            };
            print(&wrapped(&asked, self.width().saturating_sub(1)));
            let typed = read_line()?;
            match (typed.trim(), usual) {
                ("", Some(usual)) => return Ok(usual.to_owned()),
                ("", None) => {}
                (text, _) if text.chars().any(char::is_control) => {
                    self.wrong(
                        "that has control characters in it",
                        "type it, or paste it anew",
                    );
                }
                (text, _) => return Ok(text.to_owned()),
            }
        }
    }

    /// Asks for a line that may be empty.
    pub fn maybe(self, question: &str, flag: &'static str) -> Result<String, Stop> {
        self.line(question, Some("-"), flag).map(
            |text| {
                if text == "-" { String::new() } else { text }
            },
        )
    }

    /// Asks for a secret, without showing it. All lines of what is pasted belong to it.
    pub fn secret(self, question: &str, flag: &'static str) -> Result<Secret, Stop> {
        if !self.asks {
            return Err(Stop::Missing {
                flag,
                what: question.to_owned(),
            });
        }
        loop {
            // Before the question: what is pasted at once must not be shown either.
            let quiet = Quiet::begin().map_err(|_| Stop::Left)?;
            print(&format!("{question} (not shown): "));
            let mut typed = read_line()?;
            while more_within(PASTED_WITHIN) {
                typed.push('\n');
                typed.push_str(&read_line()?);
            }
            drop(quiet);
            print("\n");
            if !typed.trim().is_empty() {
                return Ok(Secret::new(typed.trim()));
            }
        }
    }

    /// Asks a question that yes or no answers. Without anybody to ask, `usual` is the answer.
    pub fn yes(self, question: &str, usual: bool) -> Result<bool, Stop> {
        if !self.asks {
            return Ok(usual);
        }
        loop {
            print(&format!(
                "{question} [{}]: ",
                if usual { "Y/n" } else { "y/N" }
            ));
            match read_line()?.trim().to_lowercase().as_str() {
                "" => return Ok(usual),
                "y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                _ => self.wrong("that is neither yes nor no", "type y or n"),
            }
        }
    }

    /// Asks for one of several; its place. Number, word or the word's beginning is typed; nothing is the usual.
    pub fn pick(
        self,
        question: &str,
        choices: &[Choice<'_>],
        usual: Option<usize>,
        flag: &'static str,
    ) -> Result<usize, Stop> {
        if !self.asks {
            return usual.ok_or_else(|| Stop::Missing {
                flag,
                what: question.to_owned(),
            });
        }
        let widest = choices.iter().map(|c| c.word.len()).max().unwrap_or(0);
        let mut shown = format!("{question}\n");
        for (at, choice) in choices.iter().enumerate() {
            shown.push_str(&format!(
                "  {}  {:widest$}  {}\n",
                at + 1,
                choice.word,
                choice.means
            ));
        }
        self.say(&shown);
        loop {
            match usual {
                Some(usual) => print(&format!("Number or word [{}]: ", usual + 1)),
                None => print("Number or word: "),
            }
            let typed = read_line()?;
            let typed = typed.trim().to_lowercase();
            if typed.is_empty() {
                if let Some(usual) = usual {
                    return Ok(usual);
                }
                continue;
            }
            if let Some(at) = meant(&typed, choices) {
                return Ok(at);
            }
            self.wrong(
                &format!("\"{typed}\" is none of these"),
                &format!("type a number from 1 to {}", choices.len()),
            );
        }
    }

    /// Shows what was found and asks which of it is wanted: their places.
    pub fn select(self, question: &str, found: &[String], usual: bool) -> Result<Vec<usize>, Stop> {
        let all = || (0..found.len()).collect::<Vec<_>>();
        if !self.asks {
            return Ok(if usual { all() } else { Vec::new() });
        }
        let mut shown = String::new();
        for (at, line) in found.iter().enumerate() {
            shown.push_str(&format!("  {:>3}  {line}\n", at + 1));
        }
        self.say(&shown);
        loop {
            print(&format!(
                "{question} (all, none, or numbers such as 1,3-5) [{}]: ",
                if usual { "all" } else { "none" }
            ));
            match read_line()?.trim().to_lowercase().as_str() {
                "" => return Ok(if usual { all() } else { Vec::new() }),
                "all" | "a" => return Ok(all()),
                "none" | "n" | "no" | "0" => return Ok(Vec::new()),
                text => {
                    if let Some(places) = numbers(text, found.len()) {
                        return Ok(places);
                    }
                    self.wrong(
                        &format!("\"{text}\" names none of these"),
                        &format!("type numbers from 1 to {}, all, or none", found.len()),
                    );
                }
            }
        }
    }
}

/// A line broken between words, its later parts as far in as what it says: behind the last gap of two blanks,
/// or behind an arrow. A word that is longer than the line stays whole: it may be one to copy.
fn wrapped(line: &str, width: usize) -> String {
    if line.width() <= width {
        return line.to_owned();
    }
    let text = line.trim_start();
    let mut hang = line.len() - text.len();
    let gaps = text.match_indices("  ").filter(|(at, _)| *at < width / 3);
    if let Some((at, _)) = gaps.last() {
        let behind = text.get(at..).unwrap_or_default();
        hang +=
            text.get(..at).unwrap_or_default().width() + behind.len() - behind.trim_start().len();
    } else if text.starts_with("-> ") {
        hang += 3;
    }
    let mut out = String::new();
    let mut column = 0;
    let mut rest = line;
    while !rest.is_empty() {
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        let end = rest
            .get(blanks..)
            .and_then(|word| word.find(' '))
            .map_or(rest.len(), |at| at + blanks);
        let (piece, after) = rest.split_at(end);
        if column + piece.width() > width && column > hang {
            out.push('\n');
            out.push_str(&" ".repeat(hang));
            let word = piece.trim_start_matches(' ');
            out.push_str(word);
            column = hang + word.width();
        } else {
            out.push_str(piece);
            column += piece.width();
        }
        rest = after;
    }
    out
}

/// Which choice was meant: its number, its word, or the only one that begins like that.
fn meant(typed: &str, choices: &[Choice<'_>]) -> Option<usize> {
    if let Ok(number) = typed.parse::<usize>() {
        return number.checked_sub(1).filter(|at| *at < choices.len());
    }
    if let Some(at) = choices.iter().position(|c| c.word == typed) {
        return Some(at);
    }
    let mut fitting = choices
        .iter()
        .enumerate()
        .filter(|(_, c)| c.word.starts_with(typed));
    let (at, _) = fitting.next()?;
    fitting.next().is_none().then_some(at)
}

/// `1,3-5` of `count` things: 0, 2, 3, 4.
fn numbers(text: &str, count: usize) -> Option<Vec<usize>> {
    let one = |text: &str| {
        let number = text.trim().parse::<usize>().ok()?;
        number.checked_sub(1).filter(|at| *at < count)
    };
    let mut places = Vec::new();
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    for part in parts {
        match part.split_once('-') {
            Some((first, last)) => places.extend(one(first)?..=one(last)?),
            None => places.push(one(part)?),
        }
    }
    places.sort_unstable();
    places.dedup();
    Some(places)
}

/// A line without its end. The end of all input is somebody leaving.
fn read_line() -> Result<String, Stop> {
    let mut bytes = Vec::new();
    match std::io::stdin().lock().read_until(b'\n', &mut bytes) {
        Ok(0) | Err(_) => {
            print("\n");
            Err(Stop::Left)
        }
        Ok(_) => Ok(String::from_utf8_lossy(&bytes)
            .trim_end_matches(['\r', '\n'])
            .to_owned()),
    }
}

/// Whether more input comes within that time.
fn more_within(time: Duration) -> bool {
    let stdin = std::io::stdin();
    let mut waited = [PollFd::new(&stdin, PollFlags::IN)];
    let time = rustix::event::Timespec {
        tv_sec: 0,
        tv_nsec: i64::try_from(time.as_nanos()).unwrap_or(0),
    };
    poll(&mut waited, Some(&time)).is_ok_and(|ready| ready > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_meant_by_number_word_or_beginning() {
        let choices = [choice("proxmox", ""), choice("web", ""), choice("wiki", "")];
        assert_eq!(meant("1", &choices), Some(0));
        assert_eq!(meant("3", &choices), Some(2));
        assert_eq!(meant("web", &choices), Some(1));
        assert_eq!(meant("pro", &choices), Some(0));
        for none in ["0", "4", "w", "x", "-1"] {
            assert_eq!(meant(none, &choices), None, "{none}");
        }
    }

    #[test]
    fn long_lines_break_between_words() {
        assert_eq!(wrapped("a b c", 3), "a b\nc");
        assert_eq!(
            wrapped("  ok    name  one two three", 20),
            "  ok    name  one two\n        three"
                .replace("one two\n        three", "one\n        two three")
        );
        assert_eq!(
            wrapped("    -> say it again", 14),
            "    -> say it\n       again"
        );
        assert_eq!(wrapped("an-address-to-copy", 5), "an-address-to-copy");
        assert_eq!(wrapped("村上 武吉 x", 5), "村上\n武吉\nx");
    }

    #[test]
    fn numbers_may_be_listed_and_spanned() {
        assert_eq!(numbers("1,3-5", 5), Some(vec![0, 2, 3, 4]));
        assert_eq!(numbers("2 2, 1", 2), Some(vec![0, 1]));
        for none in ["6", "0", "1-9", "x", "1,x"] {
            assert_eq!(numbers(none, 5), None, "{none}");
        }
    }
}
