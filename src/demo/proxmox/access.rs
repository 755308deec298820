//! Logins: tokens on 9.1, tickets on both.

use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{Call, data, refuse};
use crate::demo::answer::Answer;
use crate::demo::noise;

/// The user that may read.
pub(in crate::demo) const USER: &str = "vigie@pve";

/// The token's name.
pub(in crate::demo) const TOKEN: &str = "tui";

/// How long a ticket is good.
const LIFETIME: i64 = 2 * 3600;

/// Lets a request in, or says why not.
pub(super) fn admit(call: &Call<'_>) -> Result<(), Answer> {
    // A cookie wins over the header, even a bad one.
    if let Some(ticket) = cookie(call) {
        return if is_good(call, &ticket) {
            Ok(())
        } else if call.old() {
            Err(refuse("permission denied - invalid ticket"))
        } else {
            Err(refuse("Authentication failed!"))
        };
    }
    let header = call.asked.header("authorization").unwrap_or_default();
    let Some(token) = header.strip_prefix("PVEAPIToken=") else {
        return Err(refuse("No ticket"));
    };
    if call.old() {
        // Tokens came with 6.2: the header says nothing here.
        return Err(refuse("No ticket"));
    }
    let token = percent_decode_str(token).decode_utf8_lossy();
    if token == format!("{USER}!{TOKEN}={}", call.world.secrets.token) {
        Ok(())
    } else {
        Err(refuse("Authentication failed!"))
    }
}

/// `POST /access/ticket`
pub(super) fn ticket(call: &Call<'_>) -> Answer {
    let fields = call.asked.fields();
    let field = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let user = match (field("username"), field("realm")) {
        (Some(name), Some(realm)) if !name.contains('@') => format!("{name}@{realm}"),
        (Some(name), _) => name.to_owned(),
        (None, _) => {
            let body = json!({"data": null, "errors": {"username": "property is missing and it is not optional"}});
            return Answer::new(400, "application/json;charset=UTF-8", body.to_string())
                .reason("Parameter verification failed.");
        }
    };
    let password = field("password").unwrap_or_default();
    let known =
        user == USER && (password == call.world.secrets.password || is_good(call, password));
    if !known {
        let refusal = refuse("authentication failure");
        return Answer {
            headers: vec![("content-type", "application/json;charset=UTF-8".to_owned())],
            body: crate::demo::answer::Content::Whole(r#"{"data":null}"#.into()),
            ..refusal
        };
    }
    let value = json!({
        "ticket": sign(call, call.now),
        "CSRFPreventionToken": format!("{:08X}:bm90IG5lZWRlZCBmb3IgcmVhZGluZw", call.now),
        "username": USER,
        "cap": {
            "access": {},
            "dc": {"Sys.Audit": 1},
            "nodes": {"Sys.Audit": 1},
            "storage": {"Datastore.Audit": 1},
            "vms": {"VM.Audit": 1},
        },
    });
    data(&value)
}

/// `GET /access/domains`, open to all.
pub(super) fn domains() -> Answer {
    data(&json!([
        {"realm": "pam", "type": "pam", "comment": "Linux PAM standard authentication"},
        {"realm": "pve", "type": "pve", "comment": "Proxmox VE authentication server", "default": 1},
    ]))
}

/// `GET /access/permissions` (since 6.2). The number is the propagate flag: 0 is held too.
pub(super) fn permissions(call: &Call<'_>) -> Answer {
    if call.blind {
        return data(&json!({}));
    }
    data(&json!({
        "/": {
            "Sys.Audit": 1, "VM.Audit": 1, "Datastore.Audit": 1, "Pool.Audit": 1,
            "SDN.Audit": 1, "Mapping.Audit": 1, "VM.GuestAgent.Audit": 0,
        },
        "/vms": {"VM.Audit": 1, "VM.GuestAgent.Audit": 1},
        "/storage": {"Datastore.Audit": 1},
    }))
}

/// The ticket in the cookie, decoded as the server decodes it.
fn cookie(call: &Call<'_>) -> Option<String> {
    let header = call.asked.header("cookie")?;
    let ticket = header
        .split(';')
        .find_map(|part| part.trim().strip_prefix("PVEAuthCookie="))?;
    Some(percent_decode_str(ticket).decode_utf8_lossy().into_owned())
}

/// A ticket as of a moment.
fn sign(call: &Call<'_>, at: i64) -> String {
    let base = format!("PVE:{USER}:{at:08X}");
    let generation = call.world.ticket_generation();
    let secret = noise::key(&call.world.secrets.password);
    let seal = |salt: u64| noise::mix(noise::key(&base) ^ generation ^ secret ^ salt);
    // Base64 has `+`, `/` and `=`; a client must send them as they are or encode them.
    format!("{base}::{:016x}+/{:016x}==", seal(1), seal(2))
}

fn is_good(call: &Call<'_>, ticket: &str) -> bool {
    let Some(at) = ticket
        .split(':')
        .nth(2)
        .and_then(|hex| i64::from_str_radix(hex, 16).ok())
    else {
        return false;
    };
    let age = call.now - at;
    ticket == sign(call, at) && (-300..LIFETIME).contains(&age)
}
