//! `[ui]`, and the same values from the environment and from arguments.

use std::str::FromStr;

use super::super::document::Checked;
use super::super::error::Wrong;
use super::super::shape::{Choice, Colours, Ui};
use super::super::suggest;
use super::super::table::Table;
use super::super::value::Value;

/// All keys of `[ui]`.
pub(in super::super) const KEYS: [&str; 7] = [
    "theme",
    "colours",
    "ascii",
    "mouse",
    "start_tab",
    "privacy",
    "zone",
];

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Given<T> {
    /// The value.
    pub(in super::super) value: T,
    /// `file:line:column`, the variable or the argument.
    pub(in super::super) place: String,
}

/// What a layer says about looks and behaviour. A leaf stays `None` until it is given, so that a
/// later layer does not undo an earlier one by being silent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct UiLayer {
    pub(in super::super) theme: Option<Given<String>>,
    pub(in super::super) colours: Option<Given<Colours>>,
    pub(in super::super) ascii: Option<Given<Choice>>,
    pub(in super::super) mouse: Option<Given<bool>>,
    pub(in super::super) start_tab: Option<Given<u8>>,
    pub(in super::super) privacy: Option<Given<bool>>,
    pub(in super::super) zone: Option<Given<String>>,
}

/// Reads the table.
pub(super) fn read(mut table: Table<'_>) -> UiLayer {
    let table_ref = &mut table;
    let layer = UiLayer {
        theme: given(table_ref, "theme", |value| {
            let name = value.text("write \"default\"")?;
            theme(name).map_err(|wrong| value.refuse(&wrong))
        }),
        colours: given(table_ref, "colours", |value| {
            let word = match value.integer() {
                Some(number) => number.to_string(),
                None => value.text(COLOURS)?.to_owned(),
            };
            word.parse().map_err(|wrong| value.refuse(&wrong))
        }),
        ascii: given(table_ref, "ascii", |value| {
            if let Some(flag) = value.as_flag() {
                return Ok(if flag { Choice::Yes } else { Choice::No });
            }
            let word = value.text(CHOICE)?;
            word.parse().map_err(|wrong| value.refuse(&wrong))
        }),
        mouse: given(table_ref, "mouse", Value::flag),
        start_tab: given(table_ref, "start_tab", |value| match value.integer() {
            Some(number) => start_tab(number).map_err(|wrong| value.refuse(&wrong)),
            None => Err(value.mistype("a number", TAB)),
        }),
        privacy: given(table_ref, "privacy", Value::flag),
        zone: given(table_ref, "zone", |value| {
            let name = value.text(ZONE)?;
            zone(name).map_err(|wrong| value.refuse(&wrong))
        }),
    };
    // What is unknown has been filed; the layer is thrown away with the file then.
    let _ = table.finish();
    layer
}

fn given<'d, T>(
    table: &mut Table<'d>,
    key: &'static str,
    read: impl Fn(&Value<'d>) -> Checked<T>,
) -> Option<Given<T>> {
    let found = table.value(key)?;
    let value = read(&found).ok()?;
    let place = found.document().place(&found.span());
    Some(Given { value, place })
}

impl UiLayer {
    /// Puts what is given here over `ui`; tells `note` each key with its place.
    pub(in super::super) fn put_over(
        self,
        ui: &mut Ui,
        note: &mut dyn FnMut(&'static str, String),
    ) {
        fn put<T>(
            key: &'static str,
            given: Option<Given<T>>,
            onto: &mut T,
            note: &mut dyn FnMut(&'static str, String),
        ) {
            if let Some(given) = given {
                *onto = given.value;
                note(key, given.place);
            }
        }
        put("ui.theme", self.theme, &mut ui.theme, note);
        put("ui.colours", self.colours, &mut ui.colours, note);
        put("ui.ascii", self.ascii, &mut ui.ascii, note);
        put("ui.mouse", self.mouse, &mut ui.mouse, note);
        put("ui.start_tab", self.start_tab, &mut ui.start_tab, note);
        put("ui.privacy", self.privacy, &mut ui.privacy, note);
        if let Some(given) = self.zone {
            ui.zone = Some(given.value);
            note("ui.zone", given.place);
        }
    }
}

const COLOURS: &str = "write \"auto\", \"true\", \"256\", \"16\" or \"none\"";
const CHOICE: &str = "write \"auto\", \"yes\" or \"no\"";
const TAB: &str = "write 0 (Triage) to 6 (Tickets)";
const ZONE: &str = "write an IANA name such as \"Europe/Berlin\"";

impl FromStr for Colours {
    type Err = Wrong;
    fn from_str(word: &str) -> Result<Self, Wrong> {
        match word {
            "auto" => Ok(Self::Auto),
            "true" => Ok(Self::True),
            "256" => Ok(Self::Indexed),
            "16" => Ok(Self::Sixteen),
            "none" => Ok(Self::None),
            _ => Err(Wrong::new(
                format!("\"{word}\" is no colour depth"),
                COLOURS,
            )),
        }
    }
}

impl FromStr for Choice {
    type Err = Wrong;
    fn from_str(word: &str) -> Result<Self, Wrong> {
        match word {
            "auto" => Ok(Self::Auto),
            "yes" | "true" | "on" | "1" => Ok(Self::Yes),
            "no" | "false" | "off" | "0" => Ok(Self::No),
            _ => Err(Wrong::new(
                format!("\"{word}\" is neither yes, no nor auto"),
                CHOICE,
            )),
        }
    }
}

/// A theme's name: also the name of its file, so it must not be a path.
pub(in super::super) fn theme(name: &str) -> Result<String, Wrong> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.len() <= 40 && name.chars().all(fits) {
        return Ok(name.to_owned());
    }
    Err(Wrong::new(
        format!("\"{name}\" cannot be a theme: a name, no path"),
        "write \"default\", \"light\", \"contrast\", \"colourblind\", \"mono\" or one of yours",
    ))
}

/// A tab's number.
pub(in super::super) fn start_tab(number: i64) -> Result<u8, Wrong> {
    u8::try_from(number)
        .ok()
        .filter(|number| *number <= 6)
        .ok_or_else(|| Wrong::new(format!("there is no tab {number}"), TAB))
}

/// A tab's number, from the environment.
pub(in super::super) fn tab(word: &str) -> Result<u8, Wrong> {
    let number = word.parse();
    number.map_or_else(
        |_| Err(Wrong::new(format!("\"{word}\" is no number"), TAB)),
        start_tab,
    )
}

/// A time zone that the built-in or the machine's database knows.
pub(in super::super) fn zone(name: &str) -> Result<String, Wrong> {
    if jiff::tz::TimeZone::get(name).is_ok() {
        return Ok(name.to_owned());
    }
    let names: Vec<String> = jiff::tz::db().available().map(|n| n.to_string()).collect();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let city = |whole: &str| whole.rsplit('/').next().unwrap_or(whole).to_lowercase();
    let near = suggest::nearest(name, &known).or_else(|| {
        known
            .iter()
            .copied()
            .find(|whole| city(whole) == city(name))
    });
    let help = near.map_or_else(
        || ZONE.to_owned(),
        |near| format!("did you mean \"{near}\"?"),
    );
    Err(Wrong::new(
        format!("there is no time zone \"{name}\""),
        help,
    ))
}

/// Yes or no, from the environment.
pub(in super::super) fn flag(word: &str) -> Result<bool, Wrong> {
    match word.parse()? {
        Choice::Yes => Ok(true),
        Choice::No => Ok(false),
        Choice::Auto => Err(Wrong::new(
            "\"auto\" is neither yes nor no",
            "write \"yes\" or \"no\"",
        )),
    }
}
