//! Pages for people: one file, nothing fetched from anywhere, no scripts.

use kernel::Language;

const STYLE: &str = "body{font:16px/1.7 system-ui,Tahoma,sans-serif;margin:0;background:#f6f7f9;color:#1b1f24}\
main{max-width:46rem;margin:0 auto;padding:2rem 1.25rem 4rem}\
h1{font-size:1.6rem;line-height:1.3;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}\
p.note{color:#57606a;margin:0}ul{margin:0;padding-inline-start:1.25rem}li{margin:.35rem 0}\
section{background:#fff;border:1px solid #dfe3e8;border-radius:10px;padding:.25rem 1.25rem 1.25rem;margin-top:1rem}\
section h2{margin-top:1rem}table{border-collapse:collapse;width:100%}th,td{text-align:start;padding:.3rem .5rem;border-bottom:1px solid #dfe3e8}\
@media(prefers-color-scheme:dark){body{background:#14171a;color:#e6e8ea}section{background:#1d2125;border-color:#333a41}p.note{color:#9aa4ae}}";

/// The text with what HTML gives a meaning written so that it has none.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}

/// What stands before the body of a page.
#[must_use]
pub fn opening(language: Language, title: &str) -> String {
    let direction = if language == Language::En { "ltr" } else { "rtl" };
    format!(
        "<!doctype html>\n<html lang=\"{}\" dir=\"{direction}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n",
        language.tag(),
        escaped(title),
    )
}

/// What stands behind the body of a page.
pub const CLOSING: &str = "</main>\n</body>\n</html>\n";

/// A page around a body that is HTML already.
#[must_use]
pub fn document(language: Language, title: &str, body: &str) -> String {
    format!("{}{body}{CLOSING}", opening(language, title))
}
