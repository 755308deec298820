//! The team's screens over a real Redmine: memberships, roles and locked accounts joined with a roster.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use vigie::app::{App, Keymap, Message, Tab, update};
use vigie::config::shape::{Config, System};
use vigie::domain::observation::Observation;
use vigie::domain::{Key, Moment, SourceKind};
use vigie::estate::{Estate, Finding, Keeper, keeper};
use vigie::source::{Client as _, redmine, roster};
use vigie::ui::theme::{Glyphs, Theme};
use vigie::ui::view::{Look, draw};

use crate::given;

/// Anne and Mary are in both; `bonny` has another login in Redmine, Edward is locked there, Jack has no account,
/// and of Redmine's members nobody else is in the roster but the group that is none of its people.
const ROSTER: &str = r#"
[[group]]
id = "system"
name = "System"
at_least = 3

[[person]]
login = "anne"
name = "Anne Bonny"
zone = "Europe/Berlin"
roles = [{ group = "system", title = "head", elected = 2020-01-01, until = 2021-01-01 }]
contacts = [{ kind = "phone", value = "+49 30 23125 101" }, { kind = "mail", value = "anne@example.org" }]

[[person]]
login = "MARY"
name = "Mary Read"
roles = [{ group = "system" }]

[[person]]
login = "teach"
name = "Bonny Teach"

[[person]]
login = "edward"
name = "Edward Low"

[[person]]
login = "jack"
name = "Jack Rackham"

[[on_call]]
group = "system"
hand_over = "daily 08:00"
zone = "Europe/Berlin"
order = ["anne"]
since = 2020-01-01
"#;

fn config(dir: &std::path::Path, key: &str) -> Config {
    let text = format!(
        "[redmine.tickets]\nurl = \"{}\"\nkey = \"{}\"\n\n[roster.team]\nfile = \"roster.toml\"\n",
        given("VIGIE_TEST_REDMINE"),
        given(&format!("VIGIE_TEST_REDMINE_KEY_{key}")),
    );
    let path = dir.join("config.toml");
    std::fs::write(&path, text).unwrap();
    std::fs::write(dir.join("roster.toml"), ROSTER).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let places = vigie::config::Places {
        config: dir.to_owned(),
        state: dir.to_owned(),
        cache: dir.to_owned(),
        ..vigie::config::Places::default()
    };
    vigie::config::load(
        &places,
        &vigie::config::Overrides {
            config: Some(path),
            ..vigie::config::Overrides::default()
        },
    )
    .unwrap()
}
