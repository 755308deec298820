//! "Did you mean": the nearest of some known words.

/// Other programs' words for our keys.
const ALIASES: &[(&str, &str)] = &[
    ("address", "url"),
    ("api_key", "key"),
    ("apikey", "key"),
    ("cafile", "ca"),
    ("color", "colours"),
    ("host", "url"),
    ("interval", "refresh"),
    ("login", "user"),
    ("pass", "password"),
    ("pin", "fingerprint"),
    ("sites", "site"),
    ("timezone", "zone"),
    ("urls", "url"),
    ("username", "user"),
];

/// The known word that was probably meant.
pub(super) fn nearest<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    let lower = written.to_lowercase().replace('-', "_");
    if let Some((_, meant)) = ALIASES.iter().find(|(alias, _)| *alias == lower)
        && let Some(word) = known.iter().find(|word| *word == meant)
    {
        return Some(word);
    }
    let length = lower.chars().count();
    // A foreign word of any length may come in; the distance costs its square.
    if length > 60 {
        return None;
    }
    let allowed = match length {
        0..=3 => 1,
        4..=8 => 2,
        _ => length / 3,
    };
    known
        .iter()
        .map(|word| {
            (
                strsim::damerau_levenshtein(&lower, &word.to_lowercase()),
                *word,
            )
        })
        .filter(|(distance, word)| *distance <= allowed && *distance < word.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_find_their_word() {
        let known = ["url", "refresh", "token", "colours", "zone"];
        for (written, meant) in [
            ("ulr", Some("url")),
            ("refrehs", Some("refresh")),
            ("tokn", Some("token")),
            ("colors", Some("colours")),
            ("Host", Some("url")),
            ("time-zone", None),
            ("timezone", Some("zone")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, &known), meant, "{written}");
        }
    }
}
