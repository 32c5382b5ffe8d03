//! Where the master keys come from: the settings, or a program that asks a key service.
//!
//! They are read once at each start and stay in memory, so that no request waits for a key service. **The keys are
//! written nowhere by this process**; a program's answer is read from its standard output and is never shown.

use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// Master keys with their ids, the one that wraps first.
pub type MasterKeys = Vec<(u8, [u8; 32])>;

/// Somebody who keeps the master keys.
pub trait KeyKeeper: Send + Sync {
    /// The keys, as `id:key` pairs separated by commas, the one that wraps first.
    ///
    /// # Errors
    /// A keeper that does not answer.
    fn pairs(&self) -> anyhow::Result<String>;
}

/// The settings keep them: a variable or a file.
pub struct SettingsKeeper<'v>(pub &'v str);

impl KeyKeeper for SettingsKeeper<'_> {
    fn pairs(&self) -> anyhow::Result<String> {
        Ok(self.0.to_owned())
    }
}

/// A key service keeps them, asked by a program: its words are separated by spaces, and no shell reads them.
pub struct ProgramKeeper<'v>(pub &'v str);

impl KeyKeeper for ProgramKeeper<'_> {
    fn pairs(&self) -> anyhow::Result<String> {
        let mut words = self.0.split_whitespace();
        let program = words.next().context("secrets.master_keys_command names no program")?;
        let answer = Command::new(program)
            .args(words)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("secrets.master_keys_command: {program} does not start"))?;
        if !answer.status.success() {
            bail!("secrets.master_keys_command: {program} ended with {}", answer.status);
        }
        // What it said is a secret, also when it is nonsense.
        String::from_utf8(answer.stdout)
            .map_err(|_| anyhow::anyhow!("secrets.master_keys_command: {program} answers no text"))
    }
}

/// The keys that the keeper has.
///
/// # Errors
/// A keeper that does not answer, or answers something else than keys.
pub fn master_keys(keeper: &dyn KeyKeeper) -> anyhow::Result<MasterKeys> {
    key_pairs(&keeper.pairs()?).context("the master keys are not id:key pairs")
}

/// Keys with their ids, in the order in which they are listed.
pub(crate) fn key_pairs(text: &str) -> anyhow::Result<Vec<(u8, [u8; 32])>> {
    text.trim().split(',').map(key_pair).collect()
}

fn key_pair(text: &str) -> anyhow::Result<(u8, [u8; 32])> {
    let (id, key) = text.trim().split_once(':').context("a key is id:key")?;
    // The parser's own words would quote what it was given.
    let id = id.parse().ok().filter(|id| *id > 0).context("a key's id is 1 to 255")?;
    Ok((id, bytes(key)?))
}

/// 32 bytes from 64 hexadecimal characters.
///
/// # Errors
/// Anything else.
pub(crate) fn bytes(text: &str) -> anyhow::Result<[u8; 32]> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|d| d.len() == 64).context("a key is 64 hexadecimal characters")?;
    let mut out = [0_u8; 32];
    for (slot, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        *slot = u8::try_from(pair[0] * 16 + pair[1]).context("a key is 64 hexadecimal characters")?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_and_a_program_give_the_same_keys_and_the_first_one_wraps() {
        let pairs = format!("2:{}, 1:{}", "22".repeat(32), "11".repeat(32));
        let expected = vec![(2, [0x22; 32]), (1, [0x11; 32])];
        assert_eq!(master_keys(&SettingsKeeper(&pairs)).unwrap(), expected);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys");
        std::fs::write(&file, format!("{pairs}\n")).unwrap();
        let program = format!("cat {}", file.display());
        assert_eq!(master_keys(&ProgramKeeper(&program)).unwrap(), expected);
    }

    #[test]
    fn a_keeper_that_fails_or_talks_nonsense_is_named_and_its_words_are_not_shown() {
        for (program, said) in [
            ("no-such-program-anywhere", "does not start"),
            ("false", "ended with"),
            ("echo 1:secretish", "not id:key pairs"),
            ("echo 0:secretish", "not id:key pairs"),
        ] {
            let fault = format!("{:#}", master_keys(&ProgramKeeper(program)).unwrap_err());
            assert!(fault.contains(said) && !fault.contains("secretish"), "{fault}");
        }
    }
}
