//! Proxmox API tokens, as they are pasted.

use super::super::secret::Secret;

/// A token taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastedToken {
    /// `user@realm!name`.
    pub id: String,
    /// Its secret.
    pub secret: Secret,
}

/// Takes a pasted token apart, however it was copied:
///
/// * `vigie@pve!tui=3f…`, also behind `PVEAPIToken=` or `Authorization: PVEAPIToken=`;
/// * the dialog's `Token ID: vigie@pve!tui` and `Secret: 3f…`;
/// * the table that `pveum user token add` prints.
///
/// `None` when no id or no secret is in it.
pub fn pasted_token(text: &str) -> Option<PastedToken> {
    let mut words = text
        .split(|c: char| c.is_whitespace() || matches!(c, '│' | '|' | '"' | '\'' | ','))
        .filter(|word| !word.is_empty());
    let mut id = None;
    let mut rest = Vec::new();
    for word in words.by_ref() {
        let word = word.strip_prefix("PVEAPIToken=").unwrap_or(word);
        match word.split_once('=') {
            Some((left, secret)) if is_token_id(left) && !secret.is_empty() => {
                return Some(PastedToken {
                    id: left.to_owned(),
                    secret: Secret::new(secret),
                });
            }
            _ if is_token_id(word) => id = id.or(Some(word)),
            _ => rest.push(word),
        }
    }
    let secret = rest.into_iter().find(|word| is_uuid(word))?;
    Some(PastedToken {
        id: id?.to_owned(),
        secret: Secret::new(secret),
    })
}

/// `user@realm!name`
pub(super) fn is_token_id(text: &str) -> bool {
    let Some((user, name)) = text.split_once('!') else {
        return false;
    };
    // PVE::AccessControl: the token's name is [A-Za-z][A-Za-z0-9.\-_]+.
    is_user(user)
        && name.len() >= 2
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// `user@realm`; a user's name may hold an `@` itself.
pub(super) fn is_user(text: &str) -> bool {
    let Some((user, realm)) = text.rsplit_once('@') else {
        return false;
    };
    !user.is_empty()
        && !user.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, ':' | '/'))
        && !realm.is_empty()
        && realm
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// The form of all token secrets.
pub(super) fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "01234567-89ab-cdef-0123-456789abcdef";

    #[test]
    fn tokens_are_taken_as_they_are_copied() {
        let expected = PastedToken {
            id: "vigie@pve!tui".to_owned(),
            secret: Secret::new(UUID),
        };
        for text in [
            format!("vigie@pve!tui={UUID}\n"),
            format!("PVEAPIToken=vigie@pve!tui={UUID}"),
            format!("Authorization: PVEAPIToken=vigie@pve!tui={UUID}"),
            format!("Token ID: vigie@pve!tui\nSecret: {UUID}\n"),
            format!(
                "│ full-tokenid │ vigie@pve!tui │\n│ info │ {{\"privsep\":\"0\"}} │\n│ value │ {UUID} │\n"
            ),
        ] {
            assert_eq!(pasted_token(&text), Some(expected.clone()), "{text}");
        }
    }

    #[test]
    fn half_a_token_is_none() {
        for text in [
            "",
            UUID,
            "vigie@pve!tui",
            "vigie@pve!tui=",
            "vigie!tui=x",
            "vigie@pve=x",
        ] {
            assert_eq!(pasted_token(text), None, "{text}");
        }
    }

    #[test]
    fn users_and_ids_have_their_realm() {
        assert!(is_user("root@pam") && is_user("anne@example.org@ldap"));
        assert!(!is_user("root") && !is_user("@pam") && !is_user("a b@pam"));
        assert!(
            is_token_id("root@pam!t1") && !is_token_id("root@pam!1") && !is_token_id("root!t1")
        );
    }
}
