//! What the configuration says about how things hang together.

use std::time::Duration;

use crate::config::Config;
use crate::config::shape::{ManualJoin, System, Triage};

/// What the user said beyond the sources themselves.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// `[joins]`
    pub joins: Vec<ManualJoin>,
    /// `[triage]`
    pub triage: Triage,
    /// What sites hang on, beside what they run on.
    pub sites: Vec<SiteHint>,
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
        Self {
            joins: config.joins.clone(),
            triage: config.triage.clone(),
            sites,
        }
    }

    /// How long what may be a flap is held back.
    pub const fn hold(&self) -> Duration {
        self.triage.hold
    }
}
