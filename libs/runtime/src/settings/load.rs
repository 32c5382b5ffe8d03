//! Reading the sources, checking them against the tables, and handing out the values.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    fs,
    path::Path,
};

use config::{Config, Environment, File, FileFormat, ValueKind};

use super::Setting;

/// What is wrong with the settings: every mistake at once, each with the name, the value and what is allowed.
#[derive(Debug)]
pub struct SettingsError(Vec<String>);

impl SettingsError {
    /// The mistakes, one sentence each.
    #[must_use]
    pub fn mistakes(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for SettingsError {}

/// The settings' values, checked.
#[derive(Clone, Default)]
pub struct Values {
    texts: BTreeMap<&'static str, String>,
}

impl Values {
    /// A setting as text; empty when unset.
    ///
    /// # Panics
    /// When no loaded table names it: a mistake in the code that every start shows.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or_else(|| panic!("no settings table names {name}"), String::as_str)
    }

    /// A setting as text, or `None` when it is unset.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// A whole number that the table keeps in range; what does not fit `N` is the table's mistake.
    #[must_use]
    pub fn whole<N: TryFrom<i64>>(&self, name: &str) -> N {
        let number = self.text(name).parse::<i64>().ok().and_then(|n| N::try_from(n).ok());
        number.unwrap_or_else(|| panic!("the settings table lets {name} be what the code cannot hold"))
    }

    /// A number from 0 to 1.
    #[must_use]
    pub fn ratio(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap_or_default()
    }

    /// `true` or `false`.
    #[must_use]
    pub fn truth(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    /// The same values with one of them set, checked like any other; for commands and tests that derive settings.
    ///
    /// # Errors
    /// [`SettingsError`] when the table refuses the value or does not name the setting.
    pub fn with(mut self, tables: &[&[Setting]], name: &str, value: &str) -> Result<Self, SettingsError> {
        let mut mistakes = Vec::new();
        self.accept(tables, name, value, "a command", &mut mistakes);
        if mistakes.is_empty() { Ok(self) } else { Err(SettingsError(mistakes)) }
    }

    fn accept(
        &mut self,
        tables: &[&[Setting]],
        name: &str,
        value: &str,
        source: &str,
        mistakes: &mut Vec<String>,
    ) {
        let all = || tables.iter().flat_map(|table| table.iter());
        if let Some(setting) = all().find(|s| s.name == name) {
            if setting.allowed.takes(value) {
                self.texts.insert(setting.name, value.to_owned());
            } else {
                let shown = if setting.secret { "(a secret, not shown)" } else { value };
                mistakes.push(format!("{name} = {shown:?} from {source}: allowed is {}", setting.allowed));
            }
            return;
        }
        if let Some(setting) = all().find(|s| s.secret && name.strip_suffix("_file") == Some(s.name)) {
            match fs::read_to_string(value) {
                Ok(secret) => self.accept(tables, setting.name, secret.trim(), value, mistakes),
                Err(fault) => {
                    mistakes.push(format!("{name} = {value:?} from {source}: cannot be read: {fault}"));
                }
            }
            return;
        }
        let mut mistake = format!("{name} from {source}: there is no such setting");
        if let Some(near) =
            all().map(|s| s.name).min_by_key(|s| distance(s, name)).filter(|s| distance(s, name) < 5)
        {
            let _ = write!(mistake, "; did you mean {near}?");
        }
        mistakes.push(mistake);
    }
}

/// Reads defaults, then the file (if any), then the variables, and checks everything against the tables.
///
/// # Errors
/// [`SettingsError`] with every mistake: unreadable file, unknown setting, value outside what is allowed.
pub fn load(
    tables: &[&[Setting]],
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Values, SettingsError> {
    let mut values = Values::default();
    for setting in tables.iter().flat_map(|table| table.iter()) {
        values.texts.insert(setting.name, setting.default.to_owned());
    }
    let mut mistakes = Vec::new();
    if let Some(path) = file {
        match read_file(path) {
            Ok(found) => {
                for (name, value) in found {
                    values.accept(tables, &name, &value, &path.display().to_string(), &mut mistakes);
                }
            }
            Err(fault) => mistakes.push(format!("{}: {fault}", path.display())),
        }
    }
    for (name, value, variable) in read_variables(variables) {
        values.accept(tables, &name, &value, &variable, &mut mistakes);
    }
    if mistakes.is_empty() { Ok(values) } else { Err(SettingsError(mistakes)) }
}

fn read_file(path: &Path) -> Result<Vec<(String, String)>, config::ConfigError> {
    let text = fs::read_to_string(path).map_err(|e| config::ConfigError::Foreign(Box::new(e)))?;
    let config = Config::builder().add_source(File::from_str(&text, FileFormat::Toml)).build()?;
    let mut found = Vec::new();
    flatten("", &config.cache.kind, &mut found);
    Ok(found)
}

/// Variables with a section: `VAFA_POINTS__LANES` is `points.lanes`. Parsing stays off, since it changes strings
/// that look like numbers; the tables know the types.
fn read_variables(variables: impl Iterator<Item = (String, String)>) -> Vec<(String, String, String)> {
    let ours = variables.filter(|(name, _)| name.starts_with("VAFA_") && name.contains("__")).collect();
    let source = Environment::with_prefix("VAFA").prefix_separator("_").separator("__").source(Some(ours));
    let mut found = Vec::new();
    if let Ok(config) = Config::builder().add_source(source).build() {
        flatten("", &config.cache.kind, &mut found);
    }
    let named = |name: String| format!("VAFA_{}", name.replace('.', "__").to_uppercase());
    found.into_iter().map(|(name, value)| (name.clone(), value, named(name))).collect()
}

fn flatten(prefix: &str, kind: &ValueKind, found: &mut Vec<(String, String)>) {
    match kind {
        ValueKind::Table(table) => {
            let mut names: Vec<_> = table.iter().collect();
            names.sort_by_key(|(name, _)| name.as_str());
            for (name, value) in names {
                let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&path, &value.kind, found);
            }
        }
        other => found.push((prefix.to_owned(), other.to_string())),
    }
}

/// Levenshtein distance, to guess which setting was meant.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let substitution = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = substitution.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Allowed;

    const TABLE: &[Setting] = &[
        Setting::new("points.lanes", "2", Allowed::Whole { min: 1, max: 4 }, "Commits in flight."),
        Setting::new("chain.name", "Vafa", Allowed::Text { max: 20 }, "Name."),
        Setting::secret("secrets.operator_key", Allowed::Secret { min: 8 }, "Key."),
    ];

    fn variables(pairs: &[(&str, &str)]) -> std::vec::IntoIter<(String, String)> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn variables_win_over_the_file_and_the_file_over_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vafa.toml");
        fs::write(&file, "[points]\nlanes = 3\n[chain]\nname = \"00123e4\"\n").unwrap();
        let values =
            load(&[TABLE], Some(&file), variables(&[("VAFA_POINTS__LANES", "4"), ("VAFA_LONG", "1")]));
        let values = values.unwrap();
        assert_eq!(values.whole::<usize>("points.lanes"), 4);
        assert_eq!(values.text("chain.name"), "00123e4");
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_value_and_what_is_allowed() {
        let mistakes =
            load(&[TABLE], None, variables(&[("VAFA_POINTS__LANES", "9"), ("VAFA_POINTS__LANE", "1")]));
        let text = mistakes.err().unwrap().to_string();
        assert!(
            text.contains(
                "points.lanes = \"9\" from VAFA_POINTS__LANES: allowed is a whole number from 1 to 4"
            ),
            "{text}"
        );
        assert!(
            text.contains(
                "points.lane from VAFA_POINTS__LANE: there is no such setting; did you mean points.lanes?"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_secret_comes_from_a_file_and_is_not_shown_when_it_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        fs::write(&file, "a-long-secret\n").unwrap();
        let named = file.display().to_string();
        let values = load(&[TABLE], None, variables(&[("VAFA_SECRETS__OPERATOR_KEY_FILE", &named)])).unwrap();
        assert_eq!(values.text("secrets.operator_key"), "a-long-secret");
        let mistakes = load(&[TABLE], None, variables(&[("VAFA_SECRETS__OPERATOR_KEY", "short")]));
        assert!(!mistakes.err().unwrap().to_string().contains("short"));
    }
}
