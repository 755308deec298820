//! `[proxmox.NAME]`

use toml::de::DeValue;
use url::Url;

use super::super::document::{Checked, Filed};
use super::super::secret::SecretSource;
use super::super::shape::{Proxmox, ProxmoxCredential};
use super::super::table::Table;
use super::super::value::Value;
use super::credential;
use super::reach::{self, Given, Wanted};
use super::token::{is_token_id, is_user, is_uuid, pasted_token};

const WANTED: Wanted = Wanted {
    many: true,
    example: "https://golem.example.org:8006",
    tunnel_suffices: true,
    base,
    // A refused login is answered 3 s late on purpose (pve-http-server).
    least_timeout: (5, "Proxmox answers a refused login 3 s late"),
};

const TOKEN: &str = "write \"user@realm!name=secret\", such as \"vigie@pve!tui=3f…\"";

/// Reads the table.
pub(super) fn read(table: &mut Table<'_>) -> Checked<Proxmox> {
    let reach = reach::read(table, &WANTED);
    let credential = credential(table);
    Ok(Proxmox {
        reach: reach?,
        credential: credential?,
    })
}

/// Without a path, with its port: 8006 is easily forgotten and 443 then answers something else.
fn base(value: &Value<'_>, url: &Url, given: &Given<'_>) -> Checked<Url> {
    let segments = reach::segments(url);
    let root = reach::with_segments(url, &[]);
    let words: Vec<&str> = segments.iter().map(String::as_str).collect();
    if !matches!(words.as_slice(), [] | ["api2", "json"]) {
        let help = format!("write \"{}\"", reach::shown(&root));
        return Err(value.complain("has a path", &help));
    }
    if !given.tunnelled && !has_port(given.text) {
        let help = format!(
            "write \"{0}:8006\", or \"{0}:{1}\" if a proxy stands before it",
            reach::shown(&root),
            if url.scheme() == "http" { 80 } else { 443 }
        );
        return Err(value.complain("names no port", &help));
    }
    Ok(root)
}

/// Whether a port is written; `url` forgets those that are the default.
fn has_port(text: &str) -> bool {
    let after_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = after_scheme.split('/').next().unwrap_or_default();
    let after_address = authority.rsplit(']').next().unwrap_or_default();
    after_address.contains(':')
}

/// Exactly one of `token`, `token_id` + `secret`, `user` + `password`.
fn credential(table: &mut Table<'_>) -> Checked<ProxmoxCredential> {
    let token = table.value("token");
    let token_id = table.value("token_id");
    let secret = table.value("secret");
    let user = table.value("user");
    let password = table.value("password");
    let by_token = if token.is_some() { "token" } else { "token_id" };
    if (token.is_some() || token_id.is_some()) && (user.is_some() || password.is_some()) {
        let second = if user.is_some() { "user" } else { "password" };
        let message = format!("{} has both {by_token} and {second}", table.subject());
        let help = "keep one: a token is better, it can be taken back alone";
        return Err(table.complain_at(second, &message, help));
    }
    if token.is_some() && (token_id.is_some() || secret.is_some()) {
        let second = if token_id.is_some() {
            "token_id"
        } else {
            "secret"
        };
        let message = format!("{} has both token and {second}", table.subject());
        let help = "keep one: token is the pasted whole, token_id and secret its two halves";
        return Err(table.complain_at(second, &message, help));
    }
    if let Some(token) = token {
        return pasted(&token);
    }
    if token_id.is_some() || (secret.is_some() && user.is_none()) {
        return halves(table, token_id, secret);
    }
    if secret.is_some() {
        let message = format!("{} has a secret beside its user", table.subject());
        return Err(table.complain_at(
            "secret",
            &message,
            "a user's is called password; secret belongs to token_id",
        ));
    }
    match (user, password) {
        (None, None) => Err(table.miss(
            &["token", "token_id", "user", "password"],
            "has no credential",
            "write token = { file = … }, or user = \"root@pam\" and password = { file = … }",
        )),
        (Some(user), Some(password)) => {
            let user = account(&user);
            let password = credential::secret(&password);
            Ok(ProxmoxCredential::Password {
                user: user?,
                password: password?,
            })
        }
        (Some(user), None) => {
            let _ = account(&user);
            Err(table.miss(
                &["password"],
                "has a user but no password",
                "write password = { file = … }",
            ))
        }
        (None, Some(password)) => {
            let _ = credential::secret(&password);
            Err(table.miss(
                &["user"],
                "has a password but no user",
                "write user = \"root@pam\"",
            ))
        }
    }
}

/// `token = "user@realm!name=secret"`, or a place that holds the same.
fn pasted(value: &Value<'_>) -> Checked<ProxmoxCredential> {
    let DeValue::String(_) = value.raw() else {
        return credential::secret(value)
            .map(|secret| ProxmoxCredential::Token { id: None, secret });
    };
    let text = value.text(TOKEN)?;
    if let Some(token) = pasted_token(text) {
        value.document().note_inline_secret(value.span());
        return Ok(ProxmoxCredential::Token {
            id: Some(token.id),
            secret: SecretSource::Inline(token.secret),
        });
    }
    let text = text.trim();
    Err(if is_uuid(text) {
        value.complain(
            "is only the secret",
            "write \"user@realm!name=\" before it, or token_id = \"user@realm!name\" and secret = …",
        )
    } else if is_token_id(text.trim_end_matches('=')) {
        value.complain("has no secret", "add \"=\" and the secret")
    } else {
        value.complain("is no Proxmox token", TOKEN)
    })
}

/// `token_id = "user@realm!name"` and `secret = …`
fn halves(
    table: &mut Table<'_>,
    token_id: Option<Value<'_>>,
    secret: Option<Value<'_>>,
) -> Checked<ProxmoxCredential> {
    const HELP: &str = "write \"vigie@pve!tui\"";
    let id = match token_id {
        None => Err(table.miss(
            &["token_id"],
            "has a secret but no token_id",
            "write token_id = \"vigie@pve!tui\"",
        )),
        Some(value) => value
            .text(HELP)
            .and_then(|text| match text.split_once('=') {
                Some((left, _)) if is_token_id(left) => Err(value.complain(
                    "holds the secret too",
                    "call it token, or move what follows the = to secret",
                )),
                _ if is_token_id(text) => Ok(text.to_owned()),
                _ => Err(value.complain("is not user@realm!name", HELP)),
            }),
    };
    let secret = match secret {
        Some(value) => credential::secret(&value),
        None => Err(table.miss(
            &["secret"],
            "has a token_id but no secret",
            "write secret = { file = … }",
        )),
    };
    Ok(ProxmoxCredential::Token {
        id: Some(id?),
        secret: secret?,
    })
}

fn account(value: &Value<'_>) -> Result<String, Filed> {
    let text = value.text("write \"root@pam\"")?;
    if is_token_id(text) {
        return Err(value.complain("is a token's id", "call it token_id, with secret = …"));
    }
    if !is_user(text) {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let help = if text.chars().all(fits) {
            format!("write \"{text}@pam\" or \"{text}@pve\"")
        } else {
            "write \"root@pam\"".to_owned()
        };
        return Err(value.complain("has no realm", &help));
    }
    Ok(text.to_owned())
}
