//! Which Checkmk answers: `GET /version`.

use serde::Deserialize;

use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    versions: Option<Versions>,
}

#[derive(Deserialize)]
struct Versions {
    #[serde(default)]
    checkmk: Option<String>,
}

/// The version without its edition: `2.4.0p18` of `2.4.0p18.cre`. `None` when the answer does not say.
///
/// # Errors
/// [`FailureKind::WrongPlace`] when what answers is JSON, but not Checkmk's.
pub(super) fn parse(body: &[u8]) -> Result<Option<Text>, Failure> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| {
        Failure::new(FailureKind::WrongPlace {
            detail: Text::clean("what answers there is not Checkmk's REST API"),
        })
    })?;
    Ok(answer
        .versions
        .and_then(|versions| versions.checkmk)
        .and_then(|version| Text::clean_non_empty(without_edition(version.trim()))))
}

/// Editions were `.cre`, `.cee` … up to 2.4 and are words since; whatever they are, they hold no digit.
fn without_edition(version: &str) -> &str {
    match version.rsplit_once('.') {
        Some((number, edition))
            if !edition.is_empty() && edition.bytes().all(|b| b.is_ascii_alphabetic()) =>
        {
            number
        }
        _ => version,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn versions_of_all_ages() {
        for (sent, shown) in [
            ("2.4.0p18.cre", "2.4.0p18"),
            ("2.0.0i1.cee", "2.0.0i1"),
            ("2.3.0-2024.05.01.cce", "2.3.0-2024.05.01"),
            ("2024.05.01.cee", "2024.05.01"),
            ("2.5.0b1.community", "2.5.0b1"),
            ("2.5.0", "2.5.0"),
            ("weird", "weird"),
        ] {
            let body =
                format!(r#"{{"site":"heute","versions":{{"checkmk":"{sent}","apache":[2,4]}}}}"#);
            assert_eq!(parse(body.as_bytes()).unwrap().as_deref(), Some(shown));
        }
        assert_eq!(parse(b"{}").unwrap(), None);
        assert_eq!(parse(br#"{"versions":null}"#).unwrap(), None);
    }

    #[test]
    fn other_json_is_another_system() {
        assert!(matches!(
            parse(b"[1]").unwrap_err().kind,
            FailureKind::WrongPlace { .. }
        ));
    }
}
