//! Why things are thought to belong together, and what belongs to nothing.

use crate::domain::Moment;
use crate::estate::call::Because;
use crate::estate::chain::Tie;
use crate::estate::{Lack, Reason, Strength};

/// Why two things are thought to belong together.
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Configured => "the configuration says so".to_owned(),
        Reason::SameName(name) => format!("both are called {name}"),
        Reason::Alias(name) => format!("{name} is its alias in the monitor"),
        Reason::Address(address) => format!("both have the address {address}"),
        Reason::FirstLabel(label) => format!("both names begin with {label}"),
        Reason::CheckedOn(host) => format!("its check is attached to the host {host}"),
        Reason::QueueOn(host) => format!("the queue is on {host}"),
        Reason::Proxy => "the configuration says that it stands before it".to_owned(),
        Reason::Needs => "the configuration says that it needs it".to_owned(),
        Reason::Field(field, name) => format!("the ticket's field {field} says {name}"),
        Reason::Tag(tag) => format!("the ticket's subject says host:{tag}"),
        Reason::Link(link) => format!("the ticket's subject links to {link}"),
        Reason::Word(word) => format!("the ticket's subject has the word {word}"),
        Reason::Owns(name) => format!("the roster says that this person owns {name}"),
    }
}

/// How sure it is: `certain`, `a guess`.
pub const fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Sure => "certain",
        Strength::Strong => "quite sure",
        Strength::Fair => "likely",
        Strength::Weak => "a guess",
    }
}

/// What ties a part to the chain.
pub fn tie(tie: &Tie, until: &dyn Fn(Moment) -> String) -> String {
    match tie {
        Tie::Joined(why, sure) => format!("{}, {}", reason(why), strength(*sure)),
        Tie::Call(because) => match because {
            Because::Owns(name) => format!("owns {name}"),
            Because::OwnsBelow(_, name) => format!("owns {name}, which it stands on"),
            Because::OnCall(group, end) => format!("on call for {group} until {}", until(*end)),
            Because::InGroup(group, title) => format!("in the group {group}: {title}"),
        },
    }
}

/// What something lacks, and what would give it that.
pub fn lack(lack: &Lack) -> &'static str {
    match lack {
        Lack::GuestUnmonitored => "a host in Checkmk: nobody sees it fail",
        Lack::HostUnknown => "a node or guest: only Checkmk knows it",
        Lack::SiteUnowned | Lack::ServiceUnowned => "an owner, for itself or what it runs on",
        Lack::JoinLeadsNowhere(..) => "a goal: this entry of [joins] leads nowhere",
    }
}
