//! To be written.

use super::{Answered, Client as _Client};
use crate::config::shape;
use crate::domain::Reading;

/// To be written.
pub struct Client;

impl Client {
    /// To be written.
    pub fn new(_name: &str, _settings: &shape::Web) -> Self {
        Self
    }
}

impl _Client for Client {
    async fn read(&self, _reading: Reading) -> Answered {
        std::future::pending().await
    }
}
