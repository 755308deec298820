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
    /// The profile in use: a configuration and a memory of its own. Without one, the ordinary ones.
    pub profile: Option<String>,
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
            profile: None,
        })
    }

    /// All places under one directory, for tests and for runs that must leave no trace.
    pub fn within(directory: &Path) -> Self {
        Self {
            system_dir: directory.join("system"),
            config_dir: directory.join("config"),
            state_dir: directory.join("state"),
            cache_dir: directory.join("cache"),
            profile: None,
        }
    }

    /// The same places with a profile's own configuration, `profiles/NAME.toml`, and its own state. `None` when
    /// that cannot be a profile's name.
    pub fn with_profile(mut self, name: &str) -> Option<Self> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > 40 || !name.chars().all(fits) {
            return None;
        }
        self.state_dir = self.state_dir.join("profiles").join(name);
        self.profile = Some(name.to_owned());
        Some(self)
    }

    /// Where profiles are.
    pub fn profiles_dir(&self) -> PathBuf {
        self.config_dir.join("profiles")
    }

    /// The machine's configuration file.
    pub fn system_file(&self) -> PathBuf {
        self.system_dir.join("config.toml")
    }

    /// The user's configuration file: the profile's, when there is one.
    pub fn user_file(&self) -> PathBuf {
        match &self.profile {
            Some(name) => self.profiles_dir().join(format!("{name}.toml")),
            None => self.config_dir.join("config.toml"),
        }
    }

    /// The user's own themes.
    pub fn themes_dir(&self) -> PathBuf {
        self.config_dir.join("themes")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_profile_has_a_file_and_a_state_of_its_own() {
        let plain = Places::within(Path::new("/x"));
        let places = plain.clone().with_profile("customer-1").unwrap();
        assert_eq!(
            places.user_file(),
            Path::new("/x/config/profiles/customer-1.toml")
        );
        assert_eq!(places.state_dir, Path::new("/x/state/profiles/customer-1"));
        assert_eq!(places.themes_dir(), plain.themes_dir());
        for name in ["", "..", "a/b", "a b", &"x".repeat(41)] {
            assert_eq!(plain.clone().with_profile(name), None, "{name}");
        }
    }
}
