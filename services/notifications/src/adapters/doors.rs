//! Doors through which providers pass on what members text, from the file of providers: tables `[[inbound]]`.
//!
//! Providers sign little and each names its fields in its own way, so a door is an address that nobody guesses, and the names under
//! which sender, text and id come.

use std::collections::BTreeMap;

use kernel::Pii;
use serde::Deserialize;
use toml::Table;

use super::providers::Flaws;

/// The most doors.
const MOST: usize = 20;
/// The shortest word of a door.
const SHORTEST: usize = 24;

/// A door.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Door {
    name: String,
    #[serde(rename = "door")]
    word: Pii<String>,
    #[serde(default = "from")]
    from: String,
    #[serde(default = "text")]
    text: String,
    #[serde(default = "id")]
    id: String,
}

fn from() -> String {
    "from".to_owned()
}

fn text() -> String {
    "text".to_owned()
}

fn id() -> String {
    "id".to_owned()
}

/// A text as it came.
#[derive(Debug, Clone)]
pub struct Came {
    /// Through which door.
    pub door: String,
    /// The provider's id of it.
    pub id: String,
    /// Who sent it, as the provider writes numbers.
    pub from: Pii<String>,
    /// What it says.
    pub text: Pii<String>,
}

/// All doors.
#[derive(Debug, Clone, Default)]
pub struct Doors(Vec<Door>);

/// Why nothing came through a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// There is no such door.
    Unknown,
    /// What came has no sender, no text or no id, or one that is too long.
    Unreadable,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    inbound: Vec<Door>,
}

impl Doors {
    /// Reads the doors of a file of providers.
    ///
    /// # Errors
    /// [`Flaws`], all of them.
    pub fn read(text: &str) -> Result<Self, Flaws> {
        let unreadable = |flaw: toml::de::Error| Flaws(vec![format!("inbound: {}", flaw.message())]);
        let table: Table = text.parse().map_err(unreadable)?;
        let File { inbound } = table.try_into().map_err(unreadable)?;
        let mut flaws = Vec::new();
        if inbound.len() > MOST {
            flaws.push(format!("inbound: there are {MOST} doors at most"));
        }
        for (index, one) in inbound.iter().enumerate() {
            let letters =
                |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            let (name, word) = (&one.name, one.word.expose());
            if !(1..=32).contains(&name.len()) || !letters(name) {
                flaws.push(format!("inbound {}: name is 1 to 32 letters, digits, '-' and '_'", index + 1));
            }
            if word.len() < SHORTEST || word.len() > 128 || !letters(word) {
                flaws.push(format!("inbound {name}: door is {SHORTEST} to 128 letters, digits, '-' and '_', from a source of chance"));
            }
            if inbound[..index].iter().any(|other| other.name == *name || other.word == one.word) {
                flaws.push(format!("inbound {name}: its name or door is taken"));
            }
        }
        if flaws.is_empty() { Ok(Self(inbound)) } else { Err(Flaws(flaws)) }
    }

    /// Reads what came through a door.
    ///
    /// # Errors
    /// [`Shut`].
    pub fn come(&self, word: &str, mut fields: BTreeMap<String, String>) -> Result<Came, Shut> {
        let ours = |door: &&Door| {
            let (ours, theirs) = (door.word.expose().as_bytes(), word.as_bytes());
            // Every letter is compared, so that how long it takes says nothing.
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).fold(0, |all, (one, other)| all | (one ^ other)) == 0
        };
        let door = self.0.iter().find(ours).ok_or(Shut::Unknown)?;
        let mut field = |name: &str, most: usize| {
            let value = fields.remove(name).map(|value| value.trim().to_owned());
            value.filter(|value| !value.is_empty() && value.len() <= most).ok_or(Shut::Unreadable)
        };
        Ok(Came {
            door: door.name.clone(),
            id: field(&door.id, 200)?,
            from: Pii::new(field(&door.from, 40)?),
            text: Pii::new(field(&door.text, 8_000)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "[[inbound]]\nname = \"main\"\ndoor = \"k3yk3yk3yk3yk3yk3yk3yk3y\"\nfrom = \"sender\"\n";

    fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_text_comes_through_its_own_door_alone() {
        let doors = Doors::read(FILE).expect("a door");
        let text = fields(&[("sender", "0912"), ("text", " stop "), ("id", "7"), ("to", "3000")]);
        let came = doors.come("k3yk3yk3yk3yk3yk3yk3yk3y", text.clone()).expect("it came");
        assert_eq!(
            (came.door.as_str(), came.id.as_str(), came.text.expose().as_str()),
            ("main", "7", "stop")
        );
        assert_eq!(doors.come("k3yk3yk3yk3yk3yk3yk3yk3z", text.clone()).err(), Some(Shut::Unknown));
        assert_eq!(doors.come("", text).err(), Some(Shut::Unknown));
        let nobody = fields(&[("text", "stop"), ("id", "7")]);
        assert_eq!(doors.come("k3yk3yk3yk3yk3yk3yk3yk3y", nobody).err(), Some(Shut::Unreadable));
        assert!(Doors::read("").expect("none").0.is_empty());
    }

    #[test]
    fn doors_that_are_guessed_or_twice_there_are_refused_and_not_shown() {
        let short = FILE.replace("k3yk3yk3yk3yk3yk3yk3yk3y", "secret");
        let flaws = Doors::read(&short).expect_err("too short");
        assert!(flaws.0.len() == 1 && !flaws.to_string().contains("secret"), "{flaws}");
        assert!(Doors::read(&format!("{FILE}{FILE}")).is_err());
        assert!(Doors::read("[[inbound]]\nname = \"x\"\n").is_err());
    }
}
