//! `vafa docs`: the documents that are made from the code, so that they cannot be wrong.

mod permissions;

use std::{fmt::Write as _, fs, path::Path};

use anyhow::Context as _;
use contracts::catalog;

use super::{Outcome, openapi};
use crate::{all_errors, services, tables};

/// Writes the generated documents into `folder`, or with `check` only says which of them are out of date.
///
/// # Errors
/// A folder that cannot be read or written.
pub fn run(folder: &Path, check: bool) -> anyhow::Result<Outcome> {
    let mut stale = Vec::new();
    for (name, text) in documents()? {
        let path = folder.join(name);
        if fs::read_to_string(&path).ok().as_deref() == Some(text.as_str()) {
            continue;
        }
        stale.push(path.display().to_string());
        if !check {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&path, text).with_context(|| path.display().to_string())?;
        }
    }
    match (stale.is_empty(), check) {
        (true, _) => println!("All generated documents are up to date."),
        (false, true) => println!("Out of date: {}\nWrite them with: vafa docs", stale.join(", ")),
        (false, false) => println!("Written: {}", stale.join(", ")),
    }
    Ok(if check && !stale.is_empty() { Outcome::Found } else { Outcome::Fine })
}

/// Every generated document: its path below the folder, and its text.
///
/// # Errors
/// An API description that contradicts the routes.
pub fn documents() -> anyhow::Result<Vec<(&'static str, String)>> {
    Ok(vec![
        ("settings.md", settings()),
        ("errors.md", errors()),
        ("facts.md", facts()?),
        (
            "permissions.md",
            permissions::permissions(services().iter().map(|service| (service.name(), service.routes()))),
        ),
        ("api/programme.schema.json", serde_json::to_string_pretty(&points::programme_schema())? + "\n"),
        ("api/openapi.json", openapi::document()?.to_pretty_json()? + "\n"),
    ])
}

fn settings() -> String {
    let mut out = String::from(
        "# Settings\n\n*Made from the code by `vafa docs`.*\n\nSources, later ones win: the defaults below, a TOML file \
         (`--config FILE`, or the variable `VAFA_CONFIG`), and variables: `points.lanes` is `VAFA_POINTS__LANES`. A secret \
         may come from a file: `secrets.operator_key_file`, or `VAFA_SECRETS__OPERATOR_KEY_FILE`. A wrong or unknown setting \
         is refused at start with its name, its value and what is allowed; the value of a secret is never shown.\n",
    );
    for table in tables() {
        let section = table.first().and_then(|s| s.name.split('.').next()).unwrap_or_default();
        let _ =
            write!(out, "\n## {section}\n\n| setting | default | allowed | |\n| --- | --- | --- | --- |\n");
        for setting in table {
            let default = match (setting.secret, setting.default) {
                (true, _) => "*secret*".to_owned(),
                (false, "") => "*unset*".to_owned(),
                (false, default) => format!("`{default}`"),
            };
            let _ =
                writeln!(out, "| `{}` | {default} | {} | {} |", setting.name, setting.allowed, setting.about);
        }
    }
    out
}

fn errors() -> String {
    let mut out = String::from(
        "# Errors\n\n*Made from the code by `vafa docs`.*\n\nEvery refusal is a problem document (RFC 9457, \
         `application/problem+json`) with a stable `code` to program against, a `title` and `detail` in the caller's \
         language (`Accept-Language`: fa, ar, en), a `pointer` into the body where one thing is wrong, and a `trace_id` \
         to tell support. 4xx: mend the request. 5xx and 429: send the same request again with the same \
         `Idempotency-Key`, after `Retry-After` where it is given.\n",
    );
    for (owner, codes) in all_errors() {
        let _ = write!(out, "\n## {owner}\n\n| code | status | |\n| --- | --- | --- |\n");
        for code in codes {
            let _ = writeln!(out, "| `{}` | {} | {} |", code.code, code.kind.status().as_u16(), code.about);
        }
    }
    out
}

fn facts() -> anyhow::Result<String> {
    let mut out = String::from(
        "# Facts\n\n*Made from the code by `vafa docs`.*\n\nWhat services tell each other: CloudEvents 1.0 in batched \
         content mode, one batch for each transaction of the teller. Beyond CloudEvents' own attributes a fact has `seq` \
         (its place in its subject's sequence, without gaps), `checksum` (CRC-32 of the `data` text) and, when the \
         request is traced, `traceparent`. No fact carries personal data. `vafa facts` prints the schemas.\n",
    );
    for fact in catalog() {
        let sample = serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(
            fact.sample.data.get(),
        )?)?;
        let _ = write!(
            out,
            "\n## `{}`\n\n{} Told by {}.\n\n```json\n{sample}\n```\n",
            fact.kind, fact.about, fact.owner
        );
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generated_documents_are_up_to_date() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        for (name, text) in documents().unwrap() {
            let written = fs::read_to_string(folder.join(name)).unwrap_or_default();
            assert!(written == text, "docs/{name} is out of date: write it with `vafa docs`");
        }
    }
}
