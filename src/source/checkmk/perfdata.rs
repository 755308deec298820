//! Perfdata: the measured values behind a check's text.
//!
//! `name=value[UOM];warn;crit;min;max`, separated by blanks, everything after the value optional.
//! Names may be quoted, values may have exponents or be `U` (unknown), levels may be ranges from
//! foreign plug-ins, early `check_cert` joins with `, `, and Checkmk may end it with `[check_command]`.

use crate::domain::check::Metric;

use super::intern::Names;

/// Most metrics kept of one service; honest checks have a few dozen.
const MOST: usize = 256;

/// The metrics of a `perf_data` text, in its order. What makes no sense is left out.
pub fn parse(text: &str) -> Vec<Metric> {
    parse_with(text, &mut Names::default())
}

/// As [`parse`], sharing names and units with other services.
pub(super) fn parse_with(text: &str, names: &mut Names) -> Vec<Metric> {
    let mut metrics = Vec::new();
    let mut rest = text;
    while metrics.len() < MOST {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if rest.is_empty() {
            break;
        }
        let Some((name, after)) = name(rest) else {
            // No `=`: the trailing `[check_command]`, or a word that belongs nowhere.
            rest = token(rest).1;
            continue;
        };
        let (fields, after) = token(after);
        rest = after;
        metrics.extend(metric(&name, fields, names));
    }
    metrics
}

/// The name before `=` and what follows the `=`.
fn name(text: &str) -> Option<(String, &str)> {
    for quote in ['\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote) {
            let (name, after) = quoted(inner, quote)?;
            return after.strip_prefix('=').map(|after| (name, after));
        }
    }
    let (word, _) = token(text);
    let (name, _) = word.split_once('=')?;
    let after = text.strip_prefix(name)?.strip_prefix('=')?;
    (!name.is_empty()).then(|| (name.to_owned(), after))
}

/// A quoted name up to its closing quote; a doubled quote stands for one.
fn quoted(inner: &str, quote: char) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = inner;
    loop {
        let (part, after) = rest.split_once(quote)?;
        name.push_str(part);
        let Some(again) = after.strip_prefix(quote) else {
            return Some((name, after));
        };
        name.push(quote);
        rest = again;
    }
}

/// The text up to the next blank, and what follows.
fn token(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

fn metric(name: &str, fields: &str, names: &mut Names) -> Option<Metric> {
    // `, ` joins: the comma ends the metric, it belongs to no number.
    let mut fields = fields.trim_end_matches(',').split(';');
    let (value, unit) = number(fields.next()?)?;
    Some(Metric {
        name: names.text(name),
        value,
        unit: names.text_non_empty(unit),
        warn: fields.next().and_then(upper_level),
        crit: fields.next().and_then(upper_level),
    })
}

/// A number and the unit behind it. `U`, words, infinities and NaN are none.
fn number(text: &str) -> Option<(f64, &str)> {
    let end = number_length(text.as_bytes());
    let (digits, unit) = text.split_at_checked(end)?;
    let value = if digits.contains(',') && !digits.contains('.') {
        digits.replace(',', ".").parse::<f64>()
    } else {
        digits.parse::<f64>()
    }
    .ok()?;
    value.is_finite().then_some((value, unit))
}

/// Length of the number at the start: sign, digits with a point (or a comma of some locale), exponent.
fn number_length(text: &[u8]) -> usize {
    let signed = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let digits = |from: usize| {
        text.iter()
            .skip(from)
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut end = signed + digits(signed);
    if matches!(text.get(end), Some(b'.' | b',')) {
        end += 1 + digits(end + 1);
    }
    // An exponent only with digits: `1E` is one of the unit `E`.
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

/// The upper level of `10`, `10s` or the Nagios ranges `10:20`, `~:5`. `10:` has none, and `@1:2`
/// (bad *within*) is no upper level either.
fn upper_level(text: &str) -> Option<f64> {
    if text.starts_with('@') {
        return None;
    }
    let upper = text.rsplit_once(':').map_or(text, |(_, upper)| upper);
    number(upper).map(|(level, _)| level)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Flat<'a> = (&'a str, f64, Option<&'a str>, Option<f64>, Option<f64>);

    fn flat(metrics: &[Metric]) -> Vec<Flat<'_>> {
        metrics
            .iter()
            .map(|m| (m.name.as_str(), m.value, m.unit.as_deref(), m.warn, m.crit))
            .collect()
    }

    #[test]
    fn checkmks_own_plug_ins_send_no_unit() {
        assert_eq!(
            flat(&parse("length=25;10;20;; size=60;;;0;")),
            [
                ("length", 25.0, None, Some(10.0), Some(20.0)),
                ("size", 60.0, None, None, None)
            ]
        );
    }

    #[test]
    fn active_checks_send_units_and_exponents() {
        assert_eq!(
            flat(&parse(
                "time=0.123s;;;0.000000 size=1234B;;;0; load=1e-05 pct=97.5%;80;90;0;100 big=-2E+3ms"
            )),
            [
                ("time", 0.123, Some("s"), None, None),
                ("size", 1234.0, Some("B"), None, None),
                ("load", 1e-5, None, None, None),
                ("pct", 97.5, Some("%"), Some(80.0), Some(90.0)),
                ("big", -2000.0, Some("ms"), None, None),
            ]
        );
    }

    #[test]
    fn names_may_be_quoted() {
        assert_eq!(
            flat(&parse(
                r#"'a b'=1 "c d"=2;3;4 'it''s'=5 "say ""hi"""=6 '/=x'=7"#
            )),
            [
                ("a b", 1.0, None, None, None),
                ("c d", 2.0, None, Some(3.0), Some(4.0)),
                ("it's", 5.0, None, None, None),
                ("say \"hi\"", 6.0, None, None, None),
                ("/=x", 7.0, None, None, None),
            ]
        );
    }

    #[test]
    fn unknown_values_and_words_are_left_out() {
        assert_eq!(
            flat(&parse("a=U b=;1;2 c=nan d=inf e=1e999 f= =5 g h=7 'open=3")),
            [("h", 7.0, None, None, None)]
        );
        assert_eq!(parse(""), []);
        assert_eq!(parse("  ,  "), []);
    }

    #[test]
    fn the_check_command_at_the_end_is_no_metric() {
        assert_eq!(
            flat(&parse("length=3;10;20 [check_mk-postfix_mailq]")),
            [("length", 3.0, None, Some(10.0), Some(20.0))]
        );
    }

    #[test]
    fn ranges_give_their_upper_level() {
        assert_eq!(
            flat(&parse("a=1;10:20;~:5 b=2;@1:2;10: c=3;:7;-3s")),
            [
                ("a", 1.0, None, Some(20.0), Some(5.0)),
                ("b", 2.0, None, None, None),
                ("c", 3.0, None, Some(7.0), Some(-3.0)),
            ]
        );
    }

    #[test]
    fn early_certificate_checks_join_with_commas() {
        assert_eq!(
            flat(&parse(
                "overall_response_time=0.05;;;;, validity=89;30;10;;"
            )),
            [
                ("overall_response_time", 0.05, None, None, None),
                ("validity", 89.0, None, Some(30.0), Some(10.0)),
            ]
        );
        assert_eq!(
            flat(&parse("a=1, b=2")),
            [("a", 1.0, None, None, None), ("b", 2.0, None, None, None)]
        );
    }

    #[test]
    fn a_decimal_comma_is_a_point() {
        assert_eq!(flat(&parse("a=0,5s")), [("a", 0.5, Some("s"), None, None)]);
    }

    #[test]
    fn a_flood_is_capped() {
        assert_eq!(parse(&"a=1 ".repeat(5000)).len(), MOST);
    }
}
