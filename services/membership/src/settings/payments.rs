//! The payment provider, where plans are paid in the app.

use anyhow::{Context as _, ensure};
use kernel::Pii;
use runtime::settings::Values;

/// The chain's payment provider.
#[derive(Debug, Clone)]
pub struct PaymentSettings {
    /// Where it is called.
    pub url: String,
    /// By what it knows us.
    pub key: Pii<String>,
    /// By which secrets its messages are signed, with commas between them.
    pub secrets: Pii<String>,
    /// Where it sends members back to.
    pub return_url: String,
    /// How long a checkout is waited for, in milliseconds.
    pub life_ms: i64,
}

impl PaymentSettings {
    pub(super) fn from_values(values: &Values) -> anyhow::Result<Option<Self>> {
        let Some(url) = values.given("membership.payments_url") else { return Ok(None) };
        let needed = |name: &str| {
            values
                .given(name)
                .map(str::to_owned)
                .with_context(|| format!("membership.payments_url needs {name}"))
        };
        let settings = Self {
            url: url.to_owned(),
            key: Pii::new(needed("membership.payments_key")?),
            secrets: Pii::new(needed("membership.payments_secrets")?),
            return_url: needed("membership.payments_return_url")?,
            life_ms: values.whole::<i64>("membership.checkout_minutes").saturating_mul(60_000),
        };
        Self::check_address(&settings.url).context("membership.payments_url")?;
        Ok(Some(settings))
    }

    /// Lets an address pass that nobody on the way can read: by TLS, or on this machine.
    ///
    /// # Errors
    /// Any other address.
    pub fn check_address(address: &str) -> anyhow::Result<()> {
        let local = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
        let here = local.iter().any(|host| {
            address.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        });
        ensure!(here || address.starts_with("https://"), "an address of the payment provider is not https");
        Ok(())
    }
}
