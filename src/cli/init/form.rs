//! A source that is being put together: its table as it will stand in the configuration, and the files beside it.

use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value, value};

use crate::config::{self, Config, Errors, Secret};
use crate::domain::SourceKind;

/// A file that will be written beside the configuration.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Where.
    pub path: PathBuf,
    /// What is in it; may be secret, so it is never shown.
    pub content: Secret,
    /// What it is: `the token`.
    pub what: String,
    /// Whether it may be shown after all.
    pub open: bool,
}

/// Where a secret is, or is to be kept.
#[derive(Debug, Clone)]
pub enum Kept {
    /// Typed, and kept in a new file of this name beside the configuration.
    NewFile(Secret, PathBuf),
    /// Typed, and written into the configuration: insisted on.
    Inline(Secret),
    /// In a file that is there.
    File(String),
    /// In a variable.
    Env(String),
    /// Printed by a command.
    Command(Vec<String>),
}

impl Kept {
    /// As it will stand in the configuration. A new file is named without its directory, which is the
    /// configuration's own.
    fn written(&self) -> Value {
        let reference = |key: &str, what: Value| {
            let mut table = InlineTable::new();
            table.insert(key, what);
            Value::InlineTable(table)
        };
        match self {
            Self::NewFile(_, path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                reference("file", name.into_owned().into())
            }
            Self::Inline(secret) => secret.expose().into(),
            Self::File(path) => reference("file", path.as_str().into()),
            Self::Env(name) => reference("env", name.as_str().into()),
            Self::Command(argv) => reference("command", argv.iter().collect::<Array>().into()),
        }
    }

    /// As it is tried before anything is written.
    fn tried(&self) -> Value {
        match self {
            Self::NewFile(secret, _) => secret.expose().into(),
            other => other.written(),
        }
    }
}

/// A source that is being put together.
#[derive(Debug, Clone)]
pub struct Form {
    /// Its kind.
    pub kind: SourceKind,
    /// Its name.
    pub name: String,
    /// What stands above it, a line each, without the `#`.
    pub comments: Vec<String>,
    /// Its keys, but for the secret.
    pub table: Table,
    /// The secret's key, and the secret.
    pub secret: Option<(&'static str, Kept)>,
    /// Further files.
    pub files: Vec<NewFile>,
}

impl Form {
    /// A source without anything but its kind.
    pub fn new(kind: SourceKind) -> Self {
        Self {
            kind,
            name: "new".to_owned(),
            comments: Vec::new(),
            table: Table::new(),
            secret: None,
            files: Vec::new(),
        }
    }

    /// Sets a key to a text.
    pub fn set(&mut self, key: &str, text: &str) {
        self.table.insert(key, value(text));
    }

    /// Sets a key to one text, or to a list of several.
    pub fn set_all(&mut self, key: &str, texts: &[String]) {
        match texts {
            [one] => self.set(key, one),
            many => {
                self.table
                    .insert(key, value(many.iter().collect::<Array>()));
            }
        }
    }

    /// Sets a key to an inline table of texts.
    pub fn set_inline(&mut self, key: &str, entries: &[(&str, &str)]) {
        let table: InlineTable = entries
            .iter()
            .map(|(key, text)| (*key, Value::from(*text)))
            .collect();
        self.table.insert(key, value(table));
    }

    /// The texts of a key.
    pub fn texts(&self, key: &str) -> Vec<String> {
        match self.table.get(key).and_then(Item::as_value) {
            Some(Value::String(text)) => vec![text.value().clone()],
            Some(Value::Array(list)) => list
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// All files that will be written for it.
    pub fn files(&self) -> Vec<NewFile> {
        let mut files = self.files.clone();
        if let Some((what, Kept::NewFile(secret, path))) = &self.secret {
            files.insert(
                0,
                NewFile {
                    path: path.clone(),
                    content: Secret::new(format!("{}\n", secret.expose())),
                    what: format!("the {what} of {}", self.name),
                    open: false,
                },
            );
        }
        files
    }

    /// The table as it will stand in the configuration.
    pub fn written(&self) -> Table {
        self.with(Kept::written)
    }

    fn with(&self, secret: impl Fn(&Kept) -> Value) -> Table {
        let mut table = self.table.clone();
        if let Some((key, kept)) = &self.secret {
            table.insert(key, value(secret(kept)));
        }
        table
    }

    /// The source as the configuration's own checks see it, with the secret as it was typed: the only one of
    /// this configuration. `file` is the one that it will stand in.
    pub fn config(&self, file: &Path) -> Result<Config, Errors> {
        let mut document = DocumentMut::new();
        let mut parent = Table::new();
        parent.set_implicit(true);
        parent.insert(&self.name, Item::Table(self.with(Kept::tried)));
        document.insert(self.kind.name(), Item::Table(parent));
        config::parse(&document.to_string(), file)
    }
}
