//! Which columns are asked for, of which table, and which rows.

/// A table of the monitoring core and where its collection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// `/domain-types/host/collections/all`
    Hosts,
    /// `/domain-types/service/collections/all`
    Services,
}

impl Table {
    /// Path of its collection below the API.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Hosts => "/domain-types/host/collections/all",
            Self::Services => "/domain-types/service/collections/all",
        }
    }

    /// Columns without which a row means nothing: they are never given up.
    pub(super) const fn needed(self) -> &'static [&'static str] {
        match self {
            Self::Hosts => &["name", "state"],
            Self::Services => &["host_name", "description", "state"],
        }
    }
}

/// Columns of a host.
pub(super) const HOST: &[&str] = &[
    "name",
    "alias",
    "address",
    "state",
    "state_type",
    "has_been_checked",
    "acknowledged",
    "scheduled_downtime_depth",
    "is_flapping",
    "staleness",
    "last_state_change",
    "last_check",
    "plugin_output",
    "labels",
    "num_services_ok",
    "num_services_warn",
    "num_services_crit",
    "num_services_unknown",
    "num_services_pending",
];

/// Columns of a host that tell which sites answer.
pub(super) const HOST_SITE: &[&str] = &["name", "state", "labels"];

/// Columns of a service.
pub(super) const SERVICE: &[&str] = &[
    "host_name",
    "description",
    "state",
    "state_type",
    "has_been_checked",
    "acknowledged",
    "scheduled_downtime_depth",
    "host_scheduled_downtime_depth",
    "is_flapping",
    "staleness",
    "last_state_change",
    "last_check",
    "plugin_output",
    "check_command",
    "perf_data",
    "host_state",
    "host_has_been_checked",
    "host_labels",
];

/// Services that are not OK. Values go as text even for numbers: so the schema says.
pub(super) const PROBLEMS: &str = r#"{"op":"!=","left":"state","right":"0"}"#;

/// Mail queue and web service checks in every state: by plug-in, and mail queues of foreign plug-ins
/// (Exim, newsletter tools) by their usual names.
pub(super) const CHECKS: &str = concat!(
    r#"{"op":"or","expr":[{"op":"~","left":"check_command","right":"^(check_mk-(postfix_mailq|nullmailer_mailq|"#,
    r#"qmail_stats|fortimail_queue|fireeye_mailq|zertificon_mail_queues|barracuda_mailqueues|"#,
    r#"domino_mailqueues)|check_mk_active-(http|httpv2|cert))"},"#,
    r#"{"op":"~~","left":"description","right":"(mail ?queue|mailq|postfix queue|exim queue|"#,
    r#"nullmailer queue|qmail queue|newsletter)"}]}"#
);

/// Columns of a service that tell what its history holds.
pub(super) const MEASURED: &[&str] = &[
    "host_name",
    "description",
    "state",
    "check_command",
    "perf_data",
];

/// The services of one host by the plug-ins that graphs are made of; `host` as a JSON string.
pub(super) fn measured_of(host: &str) -> String {
    format!(
        r#"{{"op":"and","expr":[{{"op":"=","left":"host_name","right":{host}}},{{"op":"~","left":"check_command","right":"{}"}}]}}"#,
        "^check_mk-(kernel_util|cpu_loads|mem_linux|mem_used|df|lnx_if|interfaces|diskstat)",
    )
}
