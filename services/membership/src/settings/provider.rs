//! The chain's identity provider, and to whom passwords are open beside it.

use anyhow::{Context as _, anyhow, ensure};
use kernel::Pii;
use runtime::settings::Values;

use crate::domain::staff::UserName;

/// The chain's identity provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// As it names itself.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// By what it knows us; `None` for a public client.
    pub client_secret: Option<Pii<String>>,
    /// Where it sends browsers back.
    pub redirect_uri: String,
    /// By how many seconds its clock may differ.
    pub leeway_s: i64,
}

impl ProviderSettings {
    pub(super) fn from_values(values: &Values) -> anyhow::Result<Option<Self>> {
        let Some(issuer) = values.given("membership.provider_issuer") else { return Ok(None) };
        let needed = |name: &str| {
            values
                .given(name)
                .map(str::to_owned)
                .with_context(|| format!("membership.provider_issuer needs {name}"))
        };
        let secret = values.given("membership.provider_client_secret");
        let settings = Self {
            issuer: issuer.to_owned(),
            client_id: needed("membership.provider_client_id")?,
            client_secret: secret.map(|secret| Pii::new(secret.to_owned())),
            redirect_uri: needed("membership.provider_redirect_uri")?,
            leeway_s: values.whole("membership.provider_leeway_s"),
        };
        settings.check_address(&settings.issuer).context("membership.provider_issuer")?;
        Ok(Some(settings))
    }

    /// Lets an address pass that nobody on the way can read: by TLS, or on this machine.
    ///
    /// # Errors
    /// Any other address.
    pub fn check_address(&self, address: &str) -> anyhow::Result<()> {
        let local = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
        let here = local.iter().any(|host| {
            address.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        });
        ensure!(here || address.starts_with("https://"), "an address of the identity provider is not https");
        Ok(())
    }
}

/// The only user name that opens by a password, where passwords are closed to all others.
pub(super) fn only_password(
    values: &Values,
    provider: Option<&ProviderSettings>,
) -> anyhow::Result<Option<String>> {
    if values.text("membership.password_sign_in") == "everybody" {
        return Ok(None);
    }
    ensure!(provider.is_some(), "membership.password_sign_in = break_glass needs membership.provider_issuer");
    let name = UserName::parse(values.text("membership.break_glass_user"));
    let name = name.map_err(|flaw| anyhow!("membership.break_glass_user: {flaw}"))?;
    Ok(Some(name.as_str().to_owned()))
}
