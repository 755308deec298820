//! The layers, and how one lies over another.
//!
//! built-in default < `/etc/vigie/config.toml` < user file < environment < arguments. Of `[ui]`,
//! `[triage]`, `[joins]` and `[keys]` each entry counts for itself; a source replaces an earlier one of the same kind and
//! name as a whole, so that no credential is ever mixed with another file's address.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::check::{self, ui};
use super::document::Document;
use super::error::{ConfigError, Errors, Origin, Wrong};
use super::places::Places;
use super::shape::{Choice, Colours, Config};
use crate::domain::SourceId;

/// Largest configuration file taken. The largest sensible one has a few hundred sources.
const FILE_CAP: u64 = 4 << 20;

/// What the command line says. `None`: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--config`: takes the place of the user file, and must be there.
    pub config: Option<PathBuf>,
    /// `--theme`
    pub theme: Option<String>,
    /// `--colours`
    pub colours: Option<Colours>,
    /// `--ascii`
    pub ascii: Option<Choice>,
    /// `--mouse`
    pub mouse: Option<bool>,
    /// `--start-tab`
    pub start_tab: Option<u8>,
    /// `--privacy`
    pub privacy: Option<bool>,
    /// `--zone`
    pub zone: Option<String>,
}

/// Where each value comes from: `ui.theme`, `keys.refresh`, `proxmox.golem` → `file:line:column`,
/// variable or argument. What is not in it is built in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(BTreeMap<String, String>);

impl Origins {
    /// The place of a value; `built in` when nobody gave one.
    pub fn of(&self, key: &str) -> &str {
        self.0.get(key).map_or("built in", String::as_str)
    }
}

/// The built-in default, commented, as `vigie config print` shows it.
pub const fn default_toml() -> &'static str {
    include_str!("default.toml")
}

/// Reads all layers.
///
/// `environment` looks a variable up. Blocks on small files.
pub fn load(
    environment: &dyn Fn(&str) -> Option<String>,
    overrides: &Overrides,
    places: &Places,
) -> Result<Config, Errors> {
    load_with_origins(environment, overrides, places).map(|(config, _)| config)
}

/// Reads all layers, and keeps where each value comes from.
pub fn load_with_origins(
    environment: &dyn Fn(&str) -> Option<String>,
    overrides: &Overrides,
    places: &Places,
) -> Result<(Config, Origins), Errors> {
    let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
    let home = variable("HOME").map(PathBuf::from);
    let named = variable("VIGIE_CONFIG").map(PathBuf::from);
    let (user, named_by) = match (&overrides.config, &places.profile, named) {
        (Some(path), _, _) => (path.clone(), Some("--config")),
        (None, Some(_), _) => (places.user_file(), Some("--profile or VIGIE_PROFILE")),
        (None, None, Some(path)) => (path, Some("VIGIE_CONFIG")),
        (None, None, None) => (places.user_file(), None),
    };
    let mut merge = Merge::default();
    merge.file(&places.system_file(), None, home.as_deref());
    merge.file(&user, named_by, home.as_deref());
    merge.environment(&variable);
    merge.arguments(overrides);
    merge.finish()
}

/// Reads one text over the built-in default, as if it stood in `file`. Whether others can read the
/// file is not looked at.
pub fn parse(text: &str, file: &Path) -> Result<Config, Errors> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let mut merge = Merge::default();
    merge.text(Document::new(file, text.to_owned(), home), file, None);
    merge.finish().map(|(config, _)| config)
}

/// The configuration so far.
#[derive(Default)]
struct Merge {
    config: Config,
    origins: BTreeMap<String, String>,
    errors: Vec<ConfigError>,
}

impl Merge {
    /// A file. One that nobody named may be missing.
    fn file(&mut self, path: &Path, named_by: Option<&str>, home: Option<&Path>) {
        let mut refuse = |message: &str, help: &str| {
            let origin = Origin::File(path.to_owned());
            self.errors.push(ConfigError::new(origin, message, help));
        };
        let read = File::open(path).and_then(|file| {
            let metadata = file.metadata()?;
            let mut bytes = Vec::new();
            file.take(FILE_CAP + 1).read_to_end(&mut bytes)?;
            Ok((bytes, metadata))
        });
        let (bytes, metadata) = match read {
            Ok(read) => read,
            Err(error) if is_missing(&error) => {
                if let Some(name) = named_by {
                    refuse("there is no such file", &format!("{name} names it"));
                }
                return;
            }
            Err(error) => {
                refuse(&format!("cannot be read: {error}"), "");
                return;
            }
        };
        if bytes.len() as u64 > FILE_CAP {
            refuse("is larger than 4 MiB: no configuration", "");
            return;
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                let document = Document::new(path, text, home.map(Path::to_owned));
                self.text(document, path, Some(&metadata));
            }
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let document = Document::new(path, text, None);
                document.complain_broken(at..at, "not UTF-8", "save the file as UTF-8");
                self.errors.extend(document.into_errors());
            }
        }
    }

    /// A file's text.
    fn text(&mut self, document: Document, path: &Path, metadata: Option<&Metadata>) {
        let layer = check::read(&document);
        if let (Some(span), Some(mode)) = (
            document.first_inline_secret(),
            metadata.and_then(open_to_others),
        ) {
            document.complain(
                span,
                &format!("others can read this secret: the file's mode is {mode:04o}"),
                &format!("run: chmod 600 {}", quoted(path)),
            );
        }
        self.config.files.push(path.to_owned());
        self.put_ui(layer.ui);
        for binding in layer.keys {
            let key = format!("keys.{}", binding.action);
            self.origins.insert(key, binding.place.clone());
            let bindings = &mut self.config.keys;
            match bindings.iter_mut().find(|b| b.action == binding.action) {
                Some(earlier) => *earlier = binding,
                None => bindings.push(binding),
            }
        }
        for join in layer.joins {
            let key = format!("joins.{}", join.thing);
            self.origins.insert(key, join.place.clone());
            let joins = &mut self.config.joins;
            match joins.iter_mut().find(|j| j.thing == join.thing) {
                Some(earlier) => *earlier = join,
                None => joins.push(join),
            }
        }
        if let Some(hold) = layer.hold {
            self.origins.insert("triage.hold".to_owned(), hold.place);
            self.config.triage.hold = hold.value;
        }
        let origins = &mut self.origins;
        layer
            .notices
            .put_over(&mut self.config.notices, &mut |key, place| {
                origins.insert(key.to_owned(), place);
            });
        for (source, place) in layer.sources {
            let key = format!("{}.{}", source.kind().name(), source.name);
            self.origins.insert(key, place);
            let same = |other: &&mut _| is_same(other, &source);
            match self.config.sources.iter_mut().find(same) {
                Some(earlier) => *earlier = source,
                None => self.config.sources.push(source),
            }
        }
        self.errors.extend(document.into_errors());
    }

    /// `VIGIE_*`
    fn environment(&mut self, variable: &dyn Fn(&str) -> Option<String>) {
        let mut errors = Vec::new();
        let layer = ui::UiLayer {
            theme: from_variable("VIGIE_THEME", variable, &mut errors, ui::theme),
            colours: from_variable("VIGIE_COLOURS", variable, &mut errors, str::parse),
            ascii: from_variable("VIGIE_ASCII", variable, &mut errors, str::parse),
            mouse: from_variable("VIGIE_MOUSE", variable, &mut errors, ui::flag),
            start_tab: from_variable("VIGIE_START_TAB", variable, &mut errors, ui::tab),
            privacy: from_variable("VIGIE_PRIVACY", variable, &mut errors, ui::flag),
            zone: from_variable("VIGIE_ZONE", variable, &mut errors, ui::zone),
        };
        self.errors.extend(errors);
        self.put_ui(layer);
    }

    fn arguments(&mut self, overrides: &Overrides) {
        let mut errors = Vec::new();
        let o = overrides;
        let layer = ui::UiLayer {
            theme: from_argument("--theme", o.theme.as_deref(), &mut errors, ui::theme),
            colours: from_argument("--colours", o.colours, &mut errors, Ok),
            ascii: from_argument("--ascii", o.ascii, &mut errors, Ok),
            mouse: from_argument("--mouse", o.mouse, &mut errors, Ok),
            start_tab: from_argument("--start-tab", o.start_tab, &mut errors, |n| {
                ui::start_tab(i64::from(n))
            }),
            privacy: from_argument("--privacy", o.privacy, &mut errors, Ok),
            zone: from_argument("--zone", o.zone.as_deref(), &mut errors, ui::zone),
        };
        self.errors.extend(errors);
        self.put_ui(layer);
    }

    fn put_ui(&mut self, layer: ui::UiLayer) {
        let origins = &mut self.origins;
        layer.put_over(&mut self.config.ui, &mut |key, place| {
            origins.insert(key.to_owned(), place);
        });
    }

    fn finish(mut self) -> Result<(Config, Origins), Errors> {
        for (at, source) in self.config.sources.iter_mut().enumerate() {
            let Ok(id) = u16::try_from(at) else {
                let last = self.config.files.last().cloned().unwrap_or_default();
                let message = "more than 65536 sources";
                let error = ConfigError::new(Origin::File(last), message, "");
                self.errors.push(error);
                break;
            };
            source.id = SourceId(id);
        }
        if self.errors.is_empty() {
            Ok((self.config, Origins(self.origins)))
        } else {
            Err(Errors::new(self.errors))
        }
    }
}

fn is_same(one: &super::shape::Source, other: &super::shape::Source) -> bool {
    one.kind() == other.kind() && one.name == other.name
}

/// No such file, or no directory where one should be on the way to it.
fn is_missing(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

fn from_variable<T>(
    name: &'static str,
    variable: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<ConfigError>,
    read: impl Fn(&str) -> Result<T, Wrong>,
) -> Option<ui::Given<T>> {
    let text = variable(name)?;
    given(Origin::Environment(name), read(&text), errors)
}

fn from_argument<T, F>(
    name: &'static str,
    value: Option<F>,
    errors: &mut Vec<ConfigError>,
    read: impl Fn(F) -> Result<T, Wrong>,
) -> Option<ui::Given<T>> {
    given(Origin::Argument(name), read(value?), errors)
}

fn given<T>(
    origin: Origin,
    read: Result<T, Wrong>,
    errors: &mut Vec<ConfigError>,
) -> Option<ui::Given<T>> {
    match read {
        Ok(value) => Some(ui::Given {
            value,
            place: origin.to_string(),
        }),
        Err(wrong) => {
            errors.push(ConfigError::new(origin, &wrong.message, &wrong.help));
            None
        }
    }
}

/// The permission bits, when group or world may read or write the file.
#[cfg(unix)]
fn open_to_others(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o7777;
    (metadata.is_file() && mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &Metadata) -> Option<u32> {
    None
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "/._-+@:".contains(c);
    if text.chars().all(plain) && !text.starts_with('-') {
        text.into_owned()
    } else {
        format!("-- '{}'", text.replace('\'', r"'\''"))
    }
}
