//! The regular expressions that `~` takes, as far as a dashboard sends them: `. * + ? | ( ) [ ] ^ $ \`.
//!
//! A backtracking matcher on bytes; the lab's own client is the only one to send it patterns.

/// A pattern.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    root: Vec<Vec<Piece>>,
    ignore_case: bool,
}

#[derive(Debug, Clone)]
struct Piece {
    atom: Atom,
    least: usize,
    most: usize,
}

#[derive(Debug, Clone)]
enum Atom {
    Byte(u8),
    Any,
    Class {
        negated: bool,
        ranges: Vec<(u8, u8)>,
    },
    Start,
    End,
    Group(Vec<Vec<Piece>>),
}

impl Pattern {
    /// Reads a pattern; `None` when it makes no sense here.
    pub(super) fn read(text: &str, ignore_case: bool) -> Option<Self> {
        let (text, ignore_case) = match text.strip_prefix("(?i)") {
            Some(rest) => (rest, true),
            None => (text, ignore_case),
        };
        let mut reader = Reader {
            rest: text.as_bytes(),
            ignore_case,
        };
        let root = reader.alternatives()?;
        reader.rest.is_empty().then_some(Self { root, ignore_case })
    }

    /// Whether it occurs anywhere in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let lower;
        let text = if self.ignore_case {
            lower = text.to_ascii_lowercase();
            lower.as_bytes()
        } else {
            text.as_bytes()
        };
        (0..=text.len()).any(|at| any_of(&self.root, text, at, &mut |_| true))
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    ignore_case: bool,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(if self.ignore_case {
            first.to_ascii_lowercase()
        } else {
            *first
        })
    }

    fn alternatives(&mut self) -> Option<Vec<Vec<Piece>>> {
        let mut branches = vec![Vec::new()];
        while let Some(&byte) = self.rest.first() {
            match byte {
                b'|' => {
                    self.next();
                    branches.push(Vec::new());
                }
                b')' => break,
                _ => {
                    let piece = self.piece()?;
                    branches.last_mut()?.push(piece);
                }
            }
        }
        Some(branches)
    }

    fn piece(&mut self) -> Option<Piece> {
        let atom = match self.next()? {
            b'.' => Atom::Any,
            b'^' => Atom::Start,
            b'$' => Atom::End,
            b'[' => self.class()?,
            b'\\' => Atom::Byte(self.next()?),
            b'(' => {
                if let Some(rest) = self.rest.strip_prefix(b"?:") {
                    self.rest = rest;
                }
                let branches = self.alternatives()?;
                (self.next()? == b')').then_some(Atom::Group(branches))?
            }
            b'*' | b'+' | b'?' => return None,
            byte => Atom::Byte(byte),
        };
        let (least, most) = match self.rest.first() {
            Some(b'*') => (0, usize::MAX),
            Some(b'+') => (1, usize::MAX),
            Some(b'?') => (0, 1),
            _ => {
                return Some(Piece {
                    atom,
                    least: 1,
                    most: 1,
                });
            }
        };
        self.next();
        Some(Piece { atom, least, most })
    }

    fn class(&mut self) -> Option<Atom> {
        let negated = self.rest.first() == Some(&b'^');
        if negated {
            self.next();
        }
        let mut ranges = Vec::new();
        loop {
            let from = match self.next()? {
                b']' if !ranges.is_empty() => return Some(Atom::Class { negated, ranges }),
                b'\\' => self.next()?,
                byte => byte,
            };
            let to = match self.rest {
                [b'-', to, ..] if *to != b']' => {
                    self.next();
                    self.next()?
                }
                _ => from,
            };
            ranges.push((from, to));
        }
    }
}

/// Whether one of the branches fits at a place, and what follows agrees with where it ends.
fn any_of(
    branches: &[Vec<Piece>],
    text: &[u8],
    at: usize,
    then: &mut dyn FnMut(usize) -> bool,
) -> bool {
    branches
        .iter()
        .any(|branch| sequence(branch, text, at, then))
}

fn sequence(pieces: &[Piece], text: &[u8], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    match pieces.split_first() {
        None => then(at),
        Some((piece, rest)) => repeat(piece, 0, text, at, &mut |end| {
            sequence(rest, text, end, then)
        }),
    }
}

fn repeat(
    piece: &Piece,
    done: usize,
    text: &[u8],
    at: usize,
    then: &mut dyn FnMut(usize) -> bool,
) -> bool {
    let more = done < piece.most
        && once(&piece.atom, text, at, &mut |end| {
            // A repetition that consumes nothing would go on for ever.
            (end > at || done < piece.least) && repeat(piece, done + 1, text, end, then)
        });
    more || (done >= piece.least && then(at))
}

fn once(atom: &Atom, text: &[u8], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    let here = text.get(at).copied();
    let fits = match atom {
        Atom::Start => return at == 0 && then(at),
        Atom::End => return at == text.len() && then(at),
        Atom::Group(branches) => return any_of(branches, text, at, then),
        Atom::Byte(byte) => here == Some(*byte),
        Atom::Any => here.is_some(),
        Atom::Class { negated, ranges } => here.is_some_and(|byte| {
            ranges
                .iter()
                .any(|(from, to)| (*from..=*to).contains(&byte))
                != *negated
        }),
    };
    fits && then(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(pattern: &str, text: &str) -> Option<bool> {
        Some(Pattern::read(pattern, false)?.is_in(text))
    }

    #[test]
    fn what_a_dashboard_sends_is_understood() {
        let checks =
            "^(check_mk-(postfix_mailq|nullmailer_mailq)|check_mk_active-(http|httpv2|cert))";
        assert_eq!(finds(checks, "check_mk-postfix_mailq"), Some(true));
        assert_eq!(finds(checks, "check_mk_active-httpv2!--url x"), Some(true));
        assert_eq!(finds(checks, "check_mk-df"), Some(false));
        assert_eq!(finds(checks, "x check_mk-postfix_mailq"), Some(false));
        assert_eq!(finds("(?i)mail ?queue", "The MailQueue"), Some(true));
        assert_eq!(finds("^a[b-d]+$", "abcd"), Some(true));
        assert_eq!(finds("^a[^b]$", "ab"), Some(false));
        assert_eq!(finds(r"^web\.site$", "webxsite"), Some(false));
        assert_eq!(finds("(a*)*b", "aaaaaaaaaaaa"), Some(false));
        assert_eq!(finds("a**", "a"), None);
        assert_eq!(finds("(a", "a"), None);
    }
}
