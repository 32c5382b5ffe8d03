//! The public API as commands of people reach it: its address, and the key of the back office.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::{load_settings, tables};

/// Where the API is, and with which key it is called.
#[derive(clap::Args)]
pub struct Door {
    /// Address of the public API [default: http.listen of the settings]
    #[arg(long, env = "VAFA_URL")]
    url: Option<String>,
    /// Key of the back office [default: from the settings, else from secrets.toml in the data folder]
    #[arg(long, env = "VAFA_OPERATOR_KEY", hide_env_values = true)]
    operator_key: Option<String>,
    /// Folder whose secrets.toml has the key of the back office [default: data.dir of the settings]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Settings file (TOML)
    #[arg(long, env = "VAFA_CONFIG")]
    config: Option<PathBuf>,
}

impl Door {
    /// The API's address and the key of its back office.
    ///
    /// # Errors
    /// Wrong settings, or a key that is nowhere.
    pub fn find(&self) -> anyhow::Result<(String, String)> {
        let values = load_settings(self.config.as_deref())?;
        let url = self.url.clone().unwrap_or_else(|| format!("http://{}", values.text("http.listen")));
        if let Some(key) = self.operator_key.as_deref().or_else(|| values.given("secrets.operator_key")) {
            return Ok((url, key.to_owned()));
        }
        let folder = self.data_dir.clone().unwrap_or_else(|| PathBuf::from(values.text("data.dir")));
        let file = folder.join("secrets.toml");
        if !file.exists() {
            bail!(
                "the key of the back office is needed: give --operator-key, set secrets.operator_key, or name with \
                 --data-dir the folder whose secrets.toml has it ({} is not there)",
                file.display()
            );
        }
        let made = runtime::settings::load(&tables(), Some(&file), std::iter::empty())?;
        let key = made
            .given("secrets.operator_key")
            .with_context(|| format!("{}: no operator_key", file.display()))?;
        Ok((url, key.to_owned()))
    }
}
