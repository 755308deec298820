//! What the configuration says about how things hang together.

use std::time::Duration;

use crate::config::Config;
use crate::config::shape::{ManualJoin, System, Triage};
use crate::domain::person::Date;
use crate::domain::section::Section;
use crate::domain::{Moment, SourceId};

/// What the user said beyond the sources themselves.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// `[joins]`
    pub joins: Vec<ManualJoin>,
    /// `[triage]`
    pub triage: Triage,
    /// What sites hang on, beside what they run on.
    pub sites: Vec<SiteHint>,
    /// Sections of the tickets of each Redmine.
    pub sections: Vec<(SourceId, Vec<Section>)>,
    /// The screen's time zone; `None`: the machine's.
    pub zone: Option<String>,
}

/// What a site hangs on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteHint {
    /// The site's name, as its row has it.
    pub site: String,
    /// The guest before it.
    pub proxy: Option<String>,
    /// Guests it cannot work without.
    pub needs: Vec<String>,
}

impl Settings {
    /// As configured.
    pub fn of(config: &Config) -> Self {
        let sites = config
            .sources
            .iter()
            .filter_map(|source| match &source.system {
                System::Web(web) => Some(&web.sites),
                _ => None,
            })
            .flatten()
            .filter(|site| site.proxy.is_some() || !site.needs.is_empty())
            .map(|site| SiteHint {
                site: site.name.clone(),
                proxy: site.proxy.clone(),
                needs: site.needs.clone(),
            })
            .collect();
        let sections = config
            .sources
            .iter()
            .filter_map(|source| match &source.system {
                System::Redmine(redmine) => Some((source.id, redmine.sections.clone())),
                _ => None,
            });
        Self {
            joins: config.joins.clone(),
            triage: config.triage.clone(),
            sites,
            sections: sections.collect(),
            zone: config.ui.zone.clone(),
        }
    }

    /// The day it is on the screen.
    pub fn today(&self, now: Moment) -> Date {
        let named = self.zone.as_deref().map(jiff::tz::TimeZone::get);
        let zone = named.and_then(Result::ok);
        let zone = zone.unwrap_or_else(jiff::tz::TimeZone::system);
        now.timestamp().to_zoned(zone).date()
    }

    /// How long what may be a flap is held back.
    pub const fn hold(&self) -> Duration {
        self.triage.hold
    }
}
