//! The program on a configuration of its own, without a terminal: the lab's, or any other.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use vigie::demo::{Lab, Options, Server, Trouble};

/// A home with a configuration in it.
pub struct Home {
    directory: TempDir,
}

impl Home {
    /// A home whose configuration is this text, private as it has to be.
    pub fn with(toml: &str) -> Self {
        let home = Self::empty();
        home.configure(toml);
        home
    }

    /// A home without a configuration.
    pub fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(directory.path().join("config/vigie")).unwrap();
        Self { directory }
    }

    /// Writes the configuration anew.
    pub fn configure(&self, toml: &str) {
        self.write("config/vigie/config.toml", toml, 0o600);
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        path
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The program with these arguments and nothing of this test's environment, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigie"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .env("XDG_STATE_HOME", self.path().join("state"))
            .env("XDG_CACHE_HOME", self.path().join("cache"))
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::new(arguments, self.command(arguments).output().unwrap())
    }
}

/// What a run gave.
pub struct Ran {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Fails when there is a terminal's escape sequence or a panic in what was written.
    pub fn new(arguments: &[&str], output: Output) -> Self {
        let ran = Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        for text in [&ran.out, &ran.err] {
            assert!(!text.contains('\x1b'), "{arguments:?} wrote {text:?}");
            assert!(!text.contains("panicked"), "{arguments:?} wrote {text}");
        }
        ran
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        let parsed = serde_json::from_str(&self.out);
        assert!(parsed.is_ok(), "no JSON: {}\n{}", self.out, self.err);
        parsed.unwrap()
    }
}

/// The lab with a home whose configuration names it.
pub struct Estate {
    /// The home.
    pub home: Home,
    /// The lab.
    pub lab: Lab,
    /// The lab lives as long as this.
    pub runtime: tokio::runtime::Runtime,
}

impl Estate {
    /// Starts the lab.
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let lab = runtime.block_on(Lab::start(Options::default())).unwrap();
        let home = Home::with(&lab.config_toml());
        Self { home, lab, runtime }
    }

    /// Lets a server misbehave.
    pub fn misbehave(&self, server: Server, trouble: Trouble) {
        self.runtime
            .block_on(self.lab.misbehave(server, Some(trouble)));
    }

    /// Lets a server behave again.
    pub fn behave(&self, server: Server) {
        self.runtime.block_on(self.lab.misbehave(server, None));
    }

    /// Runs the program; fails when a secret of the configuration is in what it writes.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let ran = self.home.run(arguments);
        for secret in self.secrets() {
            for text in [&ran.out, &ran.err] {
                assert!(
                    !text.contains(&secret),
                    "{arguments:?} tells a secret: {text}"
                );
            }
        }
        ran
    }

    /// The configuration's secrets.
    pub fn secrets(&self) -> Vec<String> {
        let toml = self.lab.config_toml();
        let value = |line: &str| {
            let (key, value) = line.split_once(" = ")?;
            let value = value.trim_matches('"');
            match key {
                "token" => Some(value.split_once('=')?.1.to_owned()),
                "password" | "secret" | "key" => Some(value.to_owned()),
                _ => None,
            }
        };
        let secrets: Vec<String> = toml.lines().filter_map(value).collect();
        assert_eq!(secrets.len(), 4, "{secrets:?}");
        secrets
    }
}
