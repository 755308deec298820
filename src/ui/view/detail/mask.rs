//! What private eyes only may see, taken out of free text: addresses of machines and of people.

use std::borrow::Cow;
// Of `core`: addresses as values, without the means to connect to them.
use core::net::{IpAddr, SocketAddr};
use std::ops::Range;

/// Stands for what is not shown while private things are masked.
pub const MASK: &str = "(private)";

/// The text without IP, mail and Matrix addresses.
pub fn addresses(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    for token in text.split(|c: char| !is_part(c)) {
        let start = at;
        // Whatever separates tokens is one character; the next begins after it.
        at += token.len();
        at += text
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        if let Some(part) = private_part(token) {
            out.push_str(text.get(copied..start + part.start).unwrap_or_default());
            out.push_str(MASK);
            copied = start + part.end;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// Characters that addresses are made of.
const fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '@' | '-' | '_' | '%' | '+')
}

/// The bytes of a token that are an address.
fn private_part(token: &str) -> Option<Range<usize>> {
    let start = token.len() - token.trim_start_matches(['.', '-']).len();
    let whole = token.get(start..)?.trim_end_matches(['.', '-']);
    let without_colon = whole.strip_suffix(':').unwrap_or(whole);
    [whole, without_colon]
        .into_iter()
        .find(|part| is_private(part))
        .map(|part| start..start + part.len())
}

fn is_private(token: &str) -> bool {
    if let Some((_, place)) = token.rsplit_once('@') {
        // `anne@pam` is an account; `anne@example.org` and `@anne:example.org` reach a person.
        return place.contains('.') && !place.ends_with(':');
    }
    let count = |sign| token.bytes().filter(|b| *b == sign).count();
    if token.len() < 3 || (count(b':') < 2 && count(b'.') < 3) {
        return false;
    }
    let address = token.split('%').next().unwrap_or(token);
    address.parse::<IpAddr>().is_ok() || token.parse::<SocketAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked_and_nothing_else() {
        for (text, masked) in [
            ("OK - 192.0.2.10: rta 0.3ms", "OK - (private): rta 0.3ms"),
            ("https://192.0.2.10:8006/api", "https://(private)/api"),
            ("[2001:db8::1]:443 refused", "[(private)]:443 refused"),
            (
                "at 2001:db8::, 192.0.2.0/24.",
                "at (private), (private)/24.",
            ),
            ("write to anne@example.org.", "write to (private)."),
            ("matrix @anne:example.org", "matrix (private)"),
            ("stopped by anne@pam", "stopped by anne@pam"),
            (
                "at 14:02:33, 9.1.5, Foo::Bar",
                "at 14:02:33, 9.1.5, Foo::Bar",
            ),
            ("wiki.example.org:8006", "wiki.example.org:8006"),
            ("", ""),
            ("日本 192.0.2.10 日本", "日本 (private) 日本"),
        ] {
            assert_eq!(addresses(text), masked, "{text}");
        }
    }
}
