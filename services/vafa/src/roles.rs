//! What a process can be: the gateway, and each service.

use anyhow::bail;
use runtime::Service;
use web::ErrorCode;

/// The gateway's role name.
pub const GATEWAY: &str = gateway::NAME;

/// A role that a process can play, by the name that the command line uses.
pub type Role = &'static str;

static SERVICES: [&dyn Service; 3] = [&membership::Membership, &points::Points, &webhooks::Webhooks];

/// Every service with a database of its own.
#[must_use]
pub fn services() -> &'static [&'static dyn Service] {
    &SERVICES
}

/// The service of this name.
#[must_use]
pub fn service(name: &str) -> Option<&'static dyn Service> {
    SERVICES.iter().copied().find(|service| service.name() == name)
}

/// Every problem code that a caller can meet, with the crate that owns it.
#[must_use]
pub fn all_errors() -> Vec<(&'static str, &'static [&'static ErrorCode])> {
    let mut all: Vec<(&'static str, &'static [&'static ErrorCode])> =
        vec![("web", web::ERRORS), (GATEWAY, gateway::ERRORS)];
    all.extend(SERVICES.iter().map(|service| (service.name(), service.errors())));
    all
}

/// Checks names of roles from the command line.
///
/// # Errors
/// A name that is none, with those that are.
pub fn read_roles(names: &[String]) -> anyhow::Result<Vec<Role>> {
    names
        .iter()
        .map(|name| match service(name) {
            Some(service) => Ok(service.name()),
            None if name == GATEWAY => Ok(GATEWAY),
            None => {
                let known: Vec<_> =
                    services().iter().map(|service| service.name()).chain([GATEWAY]).collect();
                bail!("there is no service {name:?}; there are {}", known.join(", "))
            }
        })
        .collect()
}
