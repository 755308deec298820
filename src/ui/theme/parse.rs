//! Theme files: TOML → styles, with warnings instead of failures.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use ratatui::style::{Color, Modifier, Style};
use toml::de::{DeTable, DeValue};

use crate::domain::clean;

use super::role::ROLES;
use super::{Theme, builtin};

/// Something in a theme that makes no sense and was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Name of the theme that it is in (not always the one asked for: it may be inherited).
    pub theme: String,
    /// Line, from 1.
    pub line: usize,
    /// What and, where it can be told, what to write instead.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "theme {}, line {}: {}",
            self.theme, self.line, self.message
        )
    }
}

/// Modifiers and their keys.
const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

/// The sixteen of every terminal, and its default.
const COLOURS: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("gray", Color::Gray),
    ("darkgray", Color::DarkGray),
    ("lightred", Color::LightRed),
    ("lightgreen", Color::LightGreen),
    ("lightyellow", Color::LightYellow),
    ("lightblue", Color::LightBlue),
    ("lightmagenta", Color::LightMagenta),
    ("lightcyan", Color::LightCyan),
    ("white", Color::White),
];

/// Longest chain of inheritance.
const LONGEST_CHAIN: usize = 8;

/// Where something stands, for warnings.
#[derive(Debug, Clone)]
struct Place {
    theme: String,
    line: usize,
}

impl Place {
    fn warn(&self, message: String) -> Warning {
        Warning {
            theme: self.theme.clone(),
            line: self.line,
            message,
        }
    }
}

/// A role as written: colours are looked up when the whole palette is known.
#[derive(Debug, Clone, Default)]
struct Written {
    fg: Option<String>,
    bg: Option<String>,
    underline: Option<String>,
    add: Modifier,
    remove: Modifier,
}

/// One file.
#[derive(Debug, Default)]
struct Layer {
    inherits: Option<(String, Place)>,
    roles: BTreeMap<String, (Written, Place)>,
    palette: BTreeMap<String, (String, Place)>,
}

/// See [`Theme::parse`].
pub(super) fn theme(
    name: &str,
    text: &str,
    parents: &dyn Fn(&str) -> Option<String>,
) -> (Theme, Vec<Warning>) {
    let mut warnings = Vec::new();
    let mut merged = chain(name, text, parents, &mut warnings)
        .into_iter()
        .rev()
        .fold(Layer::default(), |mut below, above| {
            below.roles.extend(above.roles);
            below.palette.extend(above.palette);
            below
        });

    let palette: BTreeMap<String, Color> = std::mem::take(&mut merged.palette)
        .into_iter()
        .filter_map(|(name, (written, place))| {
            let colour = plain_colour(&written);
            if colour.is_none() {
                warnings.push(place.warn(format!(
                    "`{}` is no colour: write a name such as `green`, a number from 0 to 255, or `#rrggbb`",
                    shown(&written)
                )));
            }
            Some((name, colour?))
        })
        .collect();

    let mut theme = Theme::BLANK;
    for (role, (written, place)) in &merged.roles {
        let mut find = |name: &Option<String>| {
            let name = name.as_ref()?;
            let colour = palette.get(name).copied().or_else(|| plain_colour(name));
            if colour.is_none() {
                let known = palette
                    .keys()
                    .map(String::as_str)
                    .chain(COLOURS.iter().map(|(name, _)| *name));
                warnings.push(place.warn(format!(
                    "`{}` is neither a colour nor in the palette{}",
                    shown(name),
                    suggestion(name, known)
                )));
            }
            colour
        };
        let style = Style {
            fg: find(&written.fg),
            bg: find(&written.bg),
            underline_color: find(&written.underline),
            add_modifier: written.add,
            sub_modifier: written.remove,
        };
        if let Some(slot) = theme.role_mut(role) {
            *slot = style;
        }
    }
    (theme, warnings)
}

/// The file and those it inherits, nearest first; the built-in `default` ends every chain.
fn chain(
    name: &str,
    text: &str,
    parents: &dyn Fn(&str) -> Option<String>,
    warnings: &mut Vec<Warning>,
) -> Vec<Layer> {
    let is_builtin = |name: &str, text: &str| builtin::text(name) == Some(text);
    let mut seen = vec![(name.to_owned(), is_builtin(name, text))];
    let mut layers = vec![layer(name, text, warnings)];
    while let Some((parent, place)) = layers.last().and_then(|layer| layer.inherits.clone()) {
        let own = (!seen.contains(&(parent.clone(), false)))
            .then(|| parents(&parent))
            .flatten();
        let found = match own {
            Some(text) => Some((Cow::Owned(text), false)),
            None if seen.contains(&(parent.clone(), true)) => None,
            None => builtin::text(&parent).map(|text| (Cow::Borrowed(text), true)),
        };
        let circle = found.is_none() && seen.iter().any(|(name, _)| *name == parent);
        if circle || seen.len() == LONGEST_CHAIN {
            warnings.push(place.warn(format!(
                "inherits from `{}`, which leads in a circle or too far; `default` is used",
                shown(&parent)
            )));
            break;
        }
        let Some((text, builtin)) = found else {
            let known = builtin::BUILTIN.iter().map(|(name, _)| *name);
            let hint = suggestion(&parent, known);
            let parent = shown(&parent);
            warnings.push(place.warn(format!(
                "there is no theme `{parent}` to inherit from; `default` is used{hint}"
            )));
            break;
        };
        layers.push(layer(&parent, &text, warnings));
        seen.push((parent, builtin));
    }
    if !seen.contains(&("default".to_owned(), true)) {
        let text = builtin::text("default").unwrap_or_default();
        layers.push(layer("default", text, warnings));
    }
    layers
}

/// Reads one file.
fn layer(name: &str, text: &str, warnings: &mut Vec<Warning>) -> Layer {
    let place = |offset: usize| Place {
        theme: name.to_owned(),
        line: 1 + text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count(),
    };
    let mut layer = Layer::default();
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let message = clean::line(error.message(), 200).into_owned();
            warnings.push(place(at).warn(format!("no TOML, so nothing of it is used: {message}")));
            return layer;
        }
    };
    for (key, value) in table.get_ref() {
        let at = place(key.span().start);
        let name = key.get_ref().as_ref();
        match (name, value.get_ref()) {
            ("inherits", DeValue::String(parent)) => {
                layer.inherits = Some((parent.clone().into_owned(), at));
            }
            ("palette", DeValue::Table(entries)) => {
                for (key, value) in entries {
                    let at = place(key.span().start);
                    match colour_text(value.get_ref()) {
                        Some(colour) => {
                            layer
                                .palette
                                .insert(key.get_ref().clone().into_owned(), (colour, at));
                        }
                        None => warnings.push(at.warn(format!(
                            "`{}` must be a text or a number",
                            shown(key.get_ref())
                        ))),
                    }
                }
            }
            ("inherits" | "palette", other) => warnings.push(at.warn(format!(
                "`{name}` cannot be {}",
                with_article(other.type_str())
            ))),
            (role, value) if ROLES.contains(&role) => {
                if let Some(written) = written(role, value, &at, warnings) {
                    layer.roles.insert(role.to_owned(), (written, at));
                }
            }
            (other, _) => warnings.push(at.warn(format!(
                "there is no role `{}`{}",
                shown(other),
                suggestion(other, ROLES.into_iter())
            ))),
        }
    }
    layer
}

/// Reads one role.
fn written(
    role: &str,
    value: &DeValue<'_>,
    at: &Place,
    warnings: &mut Vec<Warning>,
) -> Option<Written> {
    let mut written = Written::default();
    if let Some(colour) = colour_text(value) {
        written.fg = Some(colour);
        return Some(written);
    }
    let DeValue::Table(entries) = value else {
        warnings.push(at.warn(format!(
            "`{role}` must be a colour or a table such as {{ fg = \"green\", bold = true }}"
        )));
        return None;
    };
    for (key, value) in entries {
        let key = key.get_ref().as_ref();
        let value = value.get_ref();
        let modifier = MODIFIERS.iter().find(|(name, _)| *name == key);
        match (key, modifier, colour_text(value), value.as_bool()) {
            ("fg", _, Some(colour), _) => written.fg = Some(colour),
            ("bg", _, Some(colour), _) => written.bg = Some(colour),
            ("underline", _, Some(colour), _) => written.underline = Some(colour),
            (_, Some((_, modifier)), _, Some(true)) => written.add |= *modifier,
            (_, Some((_, modifier)), _, Some(false)) => written.remove |= *modifier,
            ("fg" | "bg" | "underline", ..) => {
                warnings.push(at.warn(format!("`{key}` of `{role}` must be a colour")));
            }
            (_, Some(_), ..) => {
                warnings.push(at.warn(format!("`{key}` of `{role}` must be true or false")));
            }
            _ => {
                let known = ["fg", "bg", "underline"]
                    .into_iter()
                    .chain(MODIFIERS.iter().map(|(name, _)| *name));
                warnings.push(at.warn(format!(
                    "`{role}` knows no `{}`{}",
                    shown(key),
                    suggestion(key, known)
                )));
            }
        }
    }
    Some(written)
}

/// A colour as text, whether written as text or as a number.
fn colour_text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        _ => None,
    }
}

/// A colour that needs no palette.
fn plain_colour(text: &str) -> Option<Color> {
    let named = COLOURS.iter().find(|(name, _)| *name == text);
    if let Some((_, colour)) = named {
        return Some(*colour);
    }
    if let Ok(index) = text.parse() {
        return Some(Color::Indexed(index));
    }
    let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6)?;
    let [_, red, green, blue] = u32::from_str_radix(hex, 16).ok()?.to_be_bytes();
    Some(Color::Rgb(red, green, blue))
}

/// Foreign text in a message.
fn shown(text: &str) -> Cow<'_, str> {
    clean::line(text, 60)
}

/// `; did you mean …?` when something known is near.
fn suggestion<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    known
        .map(|known| (strsim::damerau_levenshtein(word, known), known))
        .min()
        .filter(|(distance, known)| *distance <= 1 + known.len() / 4)
        .map_or_else(String::new, |(_, known)| {
            format!("; did you mean `{known}`?")
        })
}

/// `a boolean`, `an array`.
fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {word}")
}
