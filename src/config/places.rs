//! Where files live.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// The program's own places. Nothing is created here; who writes makes directories private (0700).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The machine's configuration: `/etc/vigie`.
    pub system_dir: PathBuf,
    /// The user's configuration: `$XDG_CONFIG_HOME/vigie`.
    pub config_dir: PathBuf,
    /// History, unread marks, audit log: `$XDG_STATE_HOME/vigie`.
    pub state_dir: PathBuf,
    /// What may be lost: `$XDG_CACHE_HOME/vigie`.
    pub cache_dir: PathBuf,
}

impl Places {
    /// The places of whoever runs the program; `None` when there is no home directory.
    pub fn of_user() -> Option<Self> {
        let dirs = ProjectDirs::from("", "", "vigie")?;
        Some(Self {
            system_dir: PathBuf::from("/etc/vigie"),
            config_dir: dirs.config_dir().to_owned(),
            state_dir: dirs
                .state_dir()
                .unwrap_or_else(|| dirs.data_local_dir())
                .to_owned(),
            cache_dir: dirs.cache_dir().to_owned(),
        })
    }

    /// All places under one directory, for tests and for runs that must leave no trace.
    pub fn within(directory: &Path) -> Self {
        Self {
            system_dir: directory.join("system"),
            config_dir: directory.join("config"),
            state_dir: directory.join("state"),
            cache_dir: directory.join("cache"),
        }
    }

    /// The machine's configuration file.
    pub fn system_file(&self) -> PathBuf {
        self.system_dir.join("config.toml")
    }

    /// The user's configuration file.
    pub fn user_file(&self) -> PathBuf {
        self.config_dir.join("config.toml")
    }

    /// The user's own themes.
    pub fn themes_dir(&self) -> PathBuf {
        self.config_dir.join("themes")
    }
}
