//! Pages as HTML: one file, nothing fetched from anywhere.

use std::fmt::Write as _;

use kernel::Language;
use web::html::{document, escaped};

use super::Page;

/// The whole page of a programme; `notes` stand below its heading.
#[must_use]
pub fn page(page: &Page, notes: &[String]) -> String {
    let mut body = format!("<h1>{}</h1>\n", escaped(&page.title));
    for note in notes {
        let _ = writeln!(body, "<p class=\"note\">{}</p>", escaped(note));
    }
    for section in &page.sections {
        let _ = writeln!(
            body,
            "<section id=\"{}\">\n<h2>{}</h2>\n<ul>",
            escaped(&section.part),
            escaped(&section.title)
        );
        for sentence in &section.sentences {
            let _ = writeln!(body, "<li>{}</li>", escaped(sentence));
        }
        body.push_str("</ul>\n</section>\n");
    }
    let language = Language::parse(&page.language).unwrap_or(Language::En);
    document(language, &page.title, &body)
}
