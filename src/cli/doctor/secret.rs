//! Whether the secret can be had, and whether it is private.

use std::time::Instant;

use crate::config::{Secret, SecretSource};
use crate::source::secret;

use super::step::{Step, Steps, Verdict};

/// Fetches a secret and says where it comes from, never what it is. `what` names it.
pub async fn examine(what: &str, source: &SecretSource, steps: &Steps) -> Option<Secret> {
    let begun = Instant::now();
    match secret::fetch(what, source).await {
        Ok(secret) => {
            let step = Step::new("secret", Verdict::Ok, &from(source)).took(begun.elapsed());
            steps.push(step);
            Some(secret)
        }
        Err(failure) => {
            steps.push(Step::failed("secret", &failure));
            None
        }
    }
}

fn from(source: &SecretSource) -> String {
    match source {
        // The configuration is refused when others can read a secret in it.
        SecretSource::Inline(_) => "in the configuration file, which only you can read".to_owned(),
        SecretSource::Env(name) => format!("in the environment variable {name}"),
        SecretSource::File(path) => format!("in {}, which only you can read", path.display()),
        SecretSource::Command(argv) => format!(
            "from the command {}",
            argv.first().map_or("", String::as_str)
        ),
    }
}
