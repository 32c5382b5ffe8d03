//! The secrets of an installation: given by settings, or made once for a laptop.

use std::{fs, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use anyhow::{Context as _, bail};
use kernel::Ids;

use crate::{
    BlindKeys,
    master_keys::{MasterKeys, ProgramKeeper, SettingsKeeper, bytes, key_pairs, master_keys},
    settings::{Allowed, Setting, Values},
};

const MASTER_KEYS: &str = "secrets.master_keys";
const FORMER_KEYS: &str = "secrets.former_blind_index_keys";
const MASTER_KEYS_COMMAND: &str = "secrets.master_keys_command";

/// The settings of section `secrets`.
pub const SECRET_SETTINGS: &[Setting] = &[
    Setting::secret(
        "secrets.blind_index_key",
        Allowed::KeyOrRing,
        "Key of the blind index by which phones and cards are found, or two with their ids while it changes, the wanted one first. Losing it loses the look-up.",
    ),
    Setting::secret(
        "secrets.former_blind_index_keys",
        Allowed::KeyRing,
        "Keys of the blind index that nobody is found by any more, with their ids: they check seals of looks, and find recovery codes and links to the identity provider of the staff.",
    ),
    Setting::secret(
        "secrets.service_key",
        Allowed::KeyOrRing,
        "Key with which the gateway and the services sign who is calling, or several with their ids: the first one signs, all of them verify.",
    ),
    Setting::secret(
        "secrets.master_keys",
        Allowed::KeyRing,
        "Master keys: they wrap the key of each member, which encrypts names and phones in the database. The first one wraps, all of them unwrap.",
    ),
    Setting::new(
        "secrets.master_keys_command",
        "",
        Allowed::Path,
        "A program that prints the master keys, such as the command line of a key service; asked at each start. Empty: secrets.master_keys.",
    ),
    Setting::secret(
        "secrets.operator_key",
        Allowed::Secret { min: 24 },
        "Bearer key of the chain's back office on the API.",
    ),
];

/// Keys that sign callers, with their ids, the one that signs first.
pub type ServiceKeys = Vec<(u8, [u8; 32])>;

/// The installation's secrets, in usable form.
#[derive(Clone)]
pub struct Secrets {
    /// Find identifiers.
    pub blind_keys: BlindKeys,
    /// Sign callers: key id and key, the one that signs first.
    pub service_keys: ServiceKeys,
    /// Wrap the keys that encrypt personal data: key id and key, the one that wraps first.
    pub master_keys: MasterKeys,
    /// The back office's bearer key.
    pub operator_key: String,
}

impl Secrets {
    /// Reads the secrets from the settings.
    ///
    /// # Errors
    /// The names of the secrets that are missing.
    pub fn from_settings(values: &Values) -> anyhow::Result<Self> {
        let missing: Vec<_> = missing(values).collect();
        if !missing.is_empty() {
            bail!("missing: {}; set them, or the same names with _file behind", missing.join(", "));
        }
        let master_keys = match values.text(MASTER_KEYS_COMMAND) {
            "" => master_keys(&SettingsKeeper(values.text(MASTER_KEYS))),
            program => master_keys(&ProgramKeeper(program)),
        };
        Ok(Self {
            blind_keys: blind_keys(values)?,
            service_keys: one_or_more("secrets.service_key", values.text("secrets.service_key"))?,
            master_keys: master_keys?,
            operator_key: values.text("secrets.operator_key").to_owned(),
        })
    }

    /// Reads the secrets; what is missing is taken from `folder/secrets.toml`, which is made, readable by its owner
    /// alone, on the first start. For the shape in which nothing is installed.
    ///
    /// # Errors
    /// A secrets file that cannot be made, read or understood.
    pub fn from_settings_or_folder(
        values: Values,
        tables: &[&[Setting]],
        folder: &Path,
        ids: &dyn Ids,
    ) -> anyhow::Result<Self> {
        let file = folder.join("secrets.toml");
        if missing(&values).next().is_some() && !file.exists() {
            make_file(&file, ids).with_context(|| format!("cannot make {}", file.display()))?;
        }
        let mut filled = values;
        if file.exists() {
            let made = crate::settings::load(tables, Some(&file), std::iter::empty())?;
            for name in missing(&filled).collect::<Vec<_>>() {
                filled = filled.with(tables, name, made.text(name))?;
            }
        }
        Self::from_settings(&filled)
    }
}

/// One key alone is of id 1, so that the next one of another id can stand beside it.
fn one_or_more(name: &str, text: &str) -> anyhow::Result<Vec<(u8, [u8; 32])>> {
    let keys = if text.contains(':') { key_pairs(text) } else { bytes(text).map(|key| vec![(1, key)]) };
    let keys = keys.with_context(|| name.to_owned())?;
    let twice =
        keys.iter().enumerate().find(|(at, (id, _))| keys[..*at].iter().any(|(other, _)| other == id));
    match twice {
        Some((_, (id, _))) => bail!("{name} has two keys of id {id}"),
        None => Ok(keys),
    }
}

fn blind_keys(values: &Values) -> anyhow::Result<BlindKeys> {
    let former = match values.text(FORMER_KEYS) {
        "" => Vec::new(),
        text => key_pairs(text).context(FORMER_KEYS)?,
    };
    BlindKeys::new(&one_or_more("secrets.blind_index_key", values.text("secrets.blind_index_key"))?, &former)
}

/// The secrets that nobody gave: all must be, save former keys, and the master keys where a program gives them.
fn missing(values: &Values) -> impl Iterator<Item = &'static str> {
    let program = !values.text(MASTER_KEYS_COMMAND).is_empty();
    SECRET_SETTINGS
        .iter()
        .map(|setting| setting.name)
        .filter(move |name| {
            *name != MASTER_KEYS_COMMAND && *name != FORMER_KEYS && !(program && *name == MASTER_KEYS)
        })
        .filter(|name| values.given(name).is_none())
}

fn make_file(file: &Path, ids: &dyn Ids) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = || {
        let mut key = [0_u8; 32];
        ids.secret(&mut key);
        hex(&key)
    };
    let text = format!(
        "# Made on the first start. Keep it safe: without it names, phones and look-ups are lost.\n[secrets]\n\
         blind_index_key = \"{}\"\nservice_key = \"{}\"\nmaster_keys = \"1:{}\"\noperator_key = \"vo_{}\"\n",
        fresh(),
        fresh(),
        fresh(),
        fresh()
    );
    let mut out = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|b| [b >> 4, b & 15])
        .map(|n| char::from_digit(n.into(), 16).unwrap_or('0'))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::SystemIds;

    #[test]
    fn a_first_start_makes_secrets_for_its_owner_alone_and_the_next_one_reads_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let tables = [SECRET_SETTINGS];
        let values = || crate::settings::load(&tables, None, std::iter::empty()).unwrap();
        let read =
            || Secrets::from_settings_or_folder(values(), &tables, folder.path(), &SystemIds::default());
        let (first, second) = (read().unwrap(), read().unwrap());
        assert_eq!(first.service_keys, second.service_keys);
        assert_eq!(first.operator_key, second.operator_key);
        let mode = fs::metadata(folder.path().join("secrets.toml")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn without_a_folder_missing_secrets_are_named() {
        let values = crate::settings::load(&[SECRET_SETTINGS], None, std::iter::empty()).unwrap();
        let fault = Secrets::from_settings(&values).err().unwrap().to_string();
        assert!(fault.contains("secrets.service_key") && fault.contains("secrets.master_keys"), "{fault}");
    }

    #[test]
    fn service_keys_are_one_alone_or_several_with_ids_of_their_own() {
        let (one, two) = ("11".repeat(32), "22".repeat(32));
        let service_keys = |text: &str| one_or_more("secrets.service_key", text);
        assert_eq!(service_keys(&one).unwrap(), [(1, [0x11; 32])]);
        let both = service_keys(&format!("2:{two}, 1:{one}")).unwrap();
        assert_eq!(both, [(2, [0x22; 32]), (1, [0x11; 32])]);
        for wrong in [format!("1:{one},1:{two}"), format!("0:{one}"), "1:22".to_owned(), String::new()] {
            let fault = format!("{:#}", service_keys(&wrong).unwrap_err());
            assert!(!fault.contains("1111") && !fault.contains("2222"), "{fault}");
        }
    }

    #[test]
    fn a_program_may_give_the_master_keys() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        fs::write(&keys, format!("9:{}", "ab".repeat(32))).unwrap();
        let tables = [SECRET_SETTINGS];
        let program = ("VAFA_SECRETS__MASTER_KEYS_COMMAND".to_owned(), format!("cat {}", keys.display()));
        let values = crate::settings::load(&tables, None, std::iter::once(program)).unwrap();
        let secrets =
            Secrets::from_settings_or_folder(values, &tables, folder.path(), &SystemIds::default()).unwrap();
        assert_eq!(secrets.master_keys, [(9, [0xab; 32])]);
    }
}
