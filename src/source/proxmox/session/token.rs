//! API tokens as people paste them.

use reqwest::header::HeaderValue;

use crate::config::Secret;
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};
use crate::source::secret;

/// A token: `user@realm!tokenid` and its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// `user@realm!tokenid`.
    pub id: String,
    secret: Secret,
}

impl Token {
    /// Reads `user@realm!tokenid=secret`, also with `PVEAPIToken=` or the header's name before it,
    /// or the secret alone when the configuration has the id. `what` names it in errors.
    pub fn read(what: &str, id: Option<&str>, pasted: &Secret) -> Result<Self, Failure> {
        let bare = bare(pasted.expose());
        let token = match bare.split_once('=') {
            Some((id, secret)) => Some((id.trim(), secret.trim())),
            None => id.map(|id| (self::bare(id), bare)),
        };
        let refuse = |detail: &str| {
            Failure::new(FailureKind::Secret {
                detail: Text::clean(&format!("{what}: {detail}")),
            })
        };
        let Some((id, secret)) = token else {
            return Err(refuse(
                "it is no user@realm!token=secret; paste the whole, or write the id beside the secret",
            ));
        };
        let is_id = id.split_once('!').is_some_and(|(user, token)| {
            !token.is_empty()
                && user
                    .split_once('@')
                    .is_some_and(|(user, realm)| !user.is_empty() && !realm.is_empty())
        });
        if !is_id || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refuse("its id is no user@realm!token"));
        }
        if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refuse("its secret is empty or has blanks in it"));
        }
        Ok(Self {
            id: id.to_owned(),
            secret: Secret::new(secret),
        })
    }

    /// The value of the `Authorization` header, marked as sensitive.
    pub fn header(&self) -> Result<HeaderValue, Failure> {
        secret::header_value(&format!("PVEAPIToken={}={}", self.id, self.secret.expose()))
    }
}

fn bare(pasted: &str) -> &str {
    let pasted = pasted.trim();
    let pasted = pasted
        .strip_prefix("Authorization:")
        .unwrap_or(pasted)
        .trim();
    pasted.strip_prefix("PVEAPIToken=").unwrap_or(pasted).trim()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    const UUID: &str = "aaaaaaaa-1111-2222-3333-cccccccccccc";

    fn header(id: Option<&str>, pasted: &str) -> Result<String, Failure> {
        let token = Token::read("token of golem", id, &Secret::new(pasted))?;
        let header = token.header()?;
        assert!(header.is_sensitive());
        Ok(header.to_str().unwrap().to_owned())
    }

    #[test]
    fn tokens_as_people_paste_them() {
        let expected = format!("PVEAPIToken=vigie@pve!tui={UUID}");
        for (id, pasted) in [
            (None, format!("vigie@pve!tui={UUID}")),
            (None, format!("  PVEAPIToken=vigie@pve!tui={UUID}\n")),
            (
                None,
                format!("Authorization: PVEAPIToken=vigie@pve!tui={UUID}"),
            ),
            (None, format!("vigie@pve!tui = {UUID}")),
            (Some("vigie@pve!tui"), UUID.to_owned()),
            (Some(" vigie@pve!tui "), format!("\t{UUID} ")),
            (Some("vigie@pve!tui"), format!("vigie@pve!tui={UUID}")),
        ] {
            assert_eq!(header(id, &pasted).unwrap(), expected, "{pasted}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused_without_showing_it() {
        for (id, pasted) in [
            (None, UUID.to_owned()),
            (None, format!("vigie@pve={UUID}")),
            (None, "vigie@pve!tui=".to_owned()),
            (None, format!("vigie!tui={UUID}")),
            (Some("vigie"), UUID.to_owned()),
            (Some("vigie@pve!tui"), format!("{UUID} {UUID}")),
            (Some("vigie@pve!tui"), String::new()),
        ] {
            let failure = header(id, &pasted).unwrap_err();
            let FailureKind::Secret { detail } = &failure.kind else {
                unreachable!("{failure:?}");
            };
            assert!(detail.starts_with("token of golem: "), "{detail}");
            assert!(!detail.contains("aaaa"), "{detail}");
        }
    }
}
