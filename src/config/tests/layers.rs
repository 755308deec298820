//! Files over files, environment over files, arguments over all; and files that cannot be read.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use crate::config::shape::{Choice, Colours, System};
use crate::config::{Config, Errors, Overrides, Places, SecretSource, load, load_with_origins};
use crate::domain::SourceId;

/// A machine with its own files.
struct Machine {
    directory: TempDir,
    places: Places,
    environment: HashMap<&'static str, String>,
}

impl Machine {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let places = Places::within(directory.path());
        fs::create_dir_all(&places.system_dir).unwrap();
        fs::create_dir_all(&places.config_dir).unwrap();
        Self {
            directory,
            places,
            environment: HashMap::new(),
        }
    }

    fn system(self, text: &str) -> Self {
        write(&self.places.system_file(), text, 0o600);
        self
    }

    fn user(self, text: &str) -> Self {
        write(&self.places.user_file(), text, 0o600);
        self
    }

    fn set(mut self, name: &'static str, value: &str) -> Self {
        self.environment.insert(name, value.to_owned());
        self
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    fn load(&self, overrides: &Overrides) -> Result<Config, Errors> {
        load(
            &|name| self.environment.get(name).cloned(),
            overrides,
            &self.places,
        )
    }

    /// What is said, without the directory's name.
    fn said(&self, overrides: &Overrides) -> String {
        let text = self.load(overrides).unwrap_err().to_string();
        text.replace(&*self.directory.path().to_string_lossy(), "DIR")
    }
}

fn write(path: &Path, text: impl AsRef<[u8]>, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

const NOTHING: Overrides = Overrides {
    config: None,
    theme: None,
    colours: None,
    ascii: None,
    mouse: None,
    start_tab: None,
    privacy: None,
    zone: None,
};

#[test]
fn without_any_file_there_is_the_default() {
    let config = Machine::new().load(&NOTHING).unwrap();
    assert_eq!(config, Config::default());
}

#[test]
fn later_layers_win_leaf_by_leaf() {
    let machine = Machine::new()
        .system("[ui]\ntheme='a'\ncolours='16'\nascii=true\nmouse=false\nstart_tab=1\n[keys]\nq='x'\nr='y'\n")
        .user("[ui]\ntheme='b'\ncolours='none'\nascii='no'\n[keys]\nq=[]\n")
        .set("VIGIE_THEME", "c")
        .set("VIGIE_COLOURS", "256")
        .set("VIGIE_PRIVACY", "yes")
        .set("VIGIE_ZONE", "");
    let overrides = Overrides {
        theme: Some("d".to_owned()),
        ..NOTHING
    };
    let (config, origins) = load_with_origins(
        &|name| machine.environment.get(name).cloned(),
        &overrides,
        &machine.places,
    )
    .unwrap();
    assert_eq!(config.ui.theme, "d");
    assert_eq!(config.ui.colours, Colours::Indexed);
    assert_eq!(config.ui.ascii, Choice::No);
    assert!(!config.ui.mouse);
    assert_eq!(config.ui.start_tab, 1);
    assert!(config.ui.privacy);
    assert_eq!(config.ui.zone, None);
    let keys: Vec<(&str, usize)> = config
        .keys
        .iter()
        .map(|binding| (binding.action.as_str(), binding.keys.len()))
        .collect();
    assert_eq!(keys, [("q", 0), ("r", 1)]);
    assert_eq!(
        config.files,
        [machine.places.system_file(), machine.places.user_file()]
    );

    assert_eq!(origins.of("ui.theme"), "--theme");
    assert_eq!(origins.of("ui.colours"), "VIGIE_COLOURS");
    assert!(origins.of("ui.ascii").ends_with("config/config.toml:4:7"));
    assert!(origins.of("ui.mouse").ends_with("system/config.toml:5:7"));
    assert!(origins.of("keys.q").ends_with("config/config.toml:6:1"));
    assert_eq!(origins.of("ui.zone"), "built in");
}

#[test]
fn a_source_replaces_its_namesake_as_a_whole() {
    let machine = Machine::new()
        .system(
            "[redmine.a]\nurl='https://a.example.org'\nkey={env='A'}\nprojects=['p']\n\
             [mail.b]\nkind='postfix'\n",
        )
        .user(
            "[roster.b]\nfile='r.toml'\n\
             [redmine.a]\nurl='https://other.example.org'\nkey={env='B'}\n",
        );
    let config = machine.load(&NOTHING).unwrap();
    let names: Vec<(SourceId, &str, &str)> = config
        .sources
        .iter()
        .map(|source| (source.id, source.kind().name(), source.name.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            (SourceId(0), "redmine", "a"),
            (SourceId(1), "mail", "b"),
            (SourceId(2), "roster", "b"),
        ]
    );
    let System::Redmine(redmine) = &config.sources[0].system else {
        unreachable!()
    };
    assert_eq!(redmine.key, SecretSource::Env("B".to_owned()));
    assert_eq!(redmine.projects, Vec::<String>::new());
    let System::Roster(roster) = &config.sources[2].system else {
        unreachable!()
    };
    assert_eq!(roster.file, machine.places.config_dir.join("r.toml"));
}

#[test]
fn half_a_source_in_a_later_file_is_not_completed_from_an_earlier_one() {
    let machine = Machine::new()
        .system("[redmine.a]\nurl='https://a.example.org'\nkey={env='A'}\n")
        .user("[redmine.a]\nurl='https://elsewhere.example.org'\n");
    assert!(machine.said(&NOTHING).contains("\"a\" has no key\n"));
}

#[test]
fn the_errors_of_all_layers_come_at_once_and_in_order() {
    let machine = Machine::new()
        .system("[ui]\nmouse=1\n")
        .user("[ui]\nmosue=true\nzone='Nowhere'\n")
        .set("VIGIE_START_TAB", "9")
        .set("VIGIE_MOUSE", "auto")
        .set("VIGIE_ASCII", "perhaps");
    let overrides = Overrides {
        zone: Some("Mars/Olympus".to_owned()),
        ..NOTHING
    };
    assert_eq!(
        machine.said(&overrides),
        r#"DIR/system/config.toml:2:7: the mouse of [ui] is a number, not true or false
    2 | mouse=1
      |       ^ write true or false, without quotes
DIR/config/config.toml:2:1: [ui] has no key "mosue"
    2 | mosue=true
      | ^^^^^ did you mean "mouse"?
DIR/config/config.toml:3:6: there is no time zone "Nowhere"
    3 | zone='Nowhere'
      |      ^^^^^^^^^ write an IANA name such as "Europe/Berlin"
VIGIE_ASCII: "perhaps" is neither yes, no nor auto
      write "auto", "yes" or "no"
VIGIE_MOUSE: "auto" is neither yes nor no
      write "yes" or "no"
VIGIE_START_TAB: there is no tab 9
      write 0 (Triage) to 6 (Tickets)
--zone: there is no time zone "Mars/Olympus"
      write an IANA name such as "Europe/Berlin"
7 errors"#
    );
}

#[test]
fn a_named_file_takes_the_users_place_and_must_be_there() {
    let machine = Machine::new()
        .user("[ui]\ntheme='user'\n")
        .set("VIGIE_CONFIG", "/nonexistent/by-variable.toml");
    assert_eq!(
        machine.said(&NOTHING),
        "/nonexistent/by-variable.toml: there is no such file\n      VIGIE_CONFIG names it\n1 error"
    );
    let named = |name: &str| Overrides {
        config: Some(machine.path(name)),
        ..NOTHING
    };
    assert_eq!(
        machine.said(&named("absent.toml")),
        "DIR/absent.toml: there is no such file\n      --config names it\n1 error"
    );
    write(&machine.path("named.toml"), "[ui]\nstart_tab=3\n", 0o644);
    let config = machine.load(&named("named.toml")).unwrap();
    assert_eq!(
        (config.ui.theme.as_str(), config.ui.start_tab),
        ("default", 3)
    );
    assert_eq!(config.files, [machine.path("named.toml")]);
}

#[test]
fn a_secret_that_others_can_read_is_refused() {
    let text = "[redmine.a]\nurl='https://a.example.org'\nkey='hunter2'\n";
    for mode in [0o644, 0o640, 0o620, 0o604] {
        let machine = Machine::new();
        write(&machine.places.user_file(), text, mode);
        assert_eq!(
            machine.said(&NOTHING),
            format!(
                "DIR/config/config.toml:3:5: others can read this secret: the file's mode is {mode:04o}\n    \
                 3 | key=•••\n      |     ^^^ run: chmod 600 DIR/config/config.toml\n1 error"
            )
        );
    }
    let machine = Machine::new().user(text);
    assert_eq!(machine.load(&NOTHING).unwrap().sources.len(), 1);
    // A file without a secret of its own may be read by everybody.
    let machine = Machine::new();
    let text = text.replace("'hunter2'", "{ file = 'key' }");
    write(&machine.places.user_file(), text, 0o644);
    let config = machine.load(&NOTHING).unwrap();
    let System::Redmine(redmine) = &config.sources[0].system else {
        unreachable!()
    };
    assert_eq!(
        redmine.key,
        SecretSource::File(machine.places.config_dir.join("key"))
    );
}

#[test]
fn home_is_the_environments() {
    let machine = Machine::new()
        .user("[roster.a]\nfile='~/r.toml'\n[roster.b]\nfile='~other/r.toml'\n")
        .set("HOME", "/home/anne");
    let files: Vec<_> = machine
        .load(&NOTHING)
        .unwrap()
        .sources
        .into_iter()
        .filter_map(|source| match source.system {
            System::Roster(roster) => Some(roster.file),
            _ => None,
        })
        .collect();
    assert_eq!(
        files,
        [
            Path::new("/home/anne/r.toml").to_owned(),
            machine.places.config_dir.join("~other/r.toml"),
        ]
    );
}

#[test]
fn what_is_no_text_is_refused_in_one_line() {
    let machine = Machine::new();
    write(
        &machine.places.user_file(),
        b"[ui]\ntheme = \"\xff\"\n",
        0o600,
    );
    assert_eq!(
        machine.said(&NOTHING),
        "DIR/config/config.toml:2:10: not UTF-8\n    2 | theme = \"\u{fffd}\"\n      |          ^ save the file as UTF-8\n1 error"
    );
    let directory = Overrides {
        config: Some(machine.places.system_dir.clone()),
        ..NOTHING
    };
    assert!(
        machine
            .said(&directory)
            .starts_with("DIR/system: cannot be read: ")
    );
    write(&machine.path("huge.toml"), vec![b'#'; 5 << 20], 0o600);
    let huge = Overrides {
        config: Some(machine.path("huge.toml")),
        ..NOTHING
    };
    assert!(machine.said(&huge).contains("larger than 4 MiB"));
}
