//! A letter: what a message says as plain text and as a page beside it, with the headers that mailboxes want to see.

use std::time::{Duration, SystemTime};

use kernel::Language;
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use web::html::escaped;

use crate::domain::sending::Outgoing;

/// Who letters are from.
pub struct Writer {
    /// Who writes.
    pub from: Mailbox,
    /// Who reads answers, where that is somebody else.
    pub reply_to: Option<Mailbox>,
}

impl Writer {
    /// The letter that a message is; nothing where its address is none.
    ///
    /// **The same message is the same letter:** its name (`Message-ID`) is made of its id.
    #[must_use]
    pub fn letter(&self, message: &Outgoing) -> Option<Message> {
        let to: Mailbox = message.to.text().parse().ok()?;
        let (title, text) = (one_line(message.title.expose()), message.text.expose());
        let written = SystemTime::UNIX_EPOCH
            + Duration::from_micros(u64::try_from(message.at.micros()).unwrap_or_default());
        let mut letter = Message::builder()
            .from(self.from.clone())
            .to(to)
            .date(written)
            .subject(title.clone())
            .message_id(Some(format!("<{}@{}>", message.id, self.from.email.domain())))
            .raw_header(raw("Content-Language", message.language.to_string()))
            .raw_header(raw("Auto-Submitted", "auto-generated".to_owned()));
        if let Some(reply_to) = &self.reply_to {
            letter = letter.reply_to(reply_to.clone());
        }
        if let Some(url) = message.unsubscribe.as_ref().filter(|url| is_plain(url)) {
            letter = letter
                .raw_header(raw("List-Unsubscribe", format!("<{url}>")))
                .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        let page = page(message.language, &title, text, message.unsubscribe.as_deref());
        letter.multipart(MultiPart::alternative_plain_html(text.clone(), page)).ok()
    }
}

/// A header that is sent as it stands: RFC 8058 knows no folding or encoding of these.
fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
}

/// Whether an address can stand in a header: visible ASCII, and nothing that ends it.
fn is_plain(url: &str) -> bool {
    url.starts_with("https://")
        && url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'))
}

/// A subject has one line.
fn one_line(title: &str) -> String {
    title.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The same as a page, in the direction of its language.
fn page(language: Language, title: &str, text: &str, unsubscribe: Option<&str>) -> String {
    let (direction, stop) = match language {
        Language::En => ("ltr", "No more letters like this"),
        Language::Fa => ("rtl", "دیگر چنین نامه‌ای نمی‌خواهم"),
        Language::Ar => ("rtl", "لا أريد مثل هذه الرسائل"),
    };
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .filter(|part| !part.trim().is_empty())
        .map(|part| format!("<p>{}</p>\n", escaped(part.trim()).replace('\n', "<br>\n")))
        .collect();
    let paragraphs = paragraphs.concat();
    let stop = unsubscribe
        .filter(|url| is_plain(url))
        .map(|url| format!("<p><small><a href=\"{}\">{stop}</a></small></p>\n", escaped(url)))
        .unwrap_or_default();
    format!(
        "<!doctype html>\n<html lang=\"{language}\" dir=\"{direction}\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body dir=\"{direction}\" style=\"font-family:Tahoma,Arial,sans-serif;line-height:1.7\">\n{paragraphs}{stop}</body>\n</html>\n",
        escaped(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_says_stays_text_in_the_page() {
        let page = page(
            Language::Fa,
            "<b>",
            "سلام <script>\nدو\n\n\"سه\" & چهار",
            Some("https://x.example/?a=1&b=\"2"),
        );
        assert!(page.contains("<html lang=\"fa\" dir=\"rtl\">"), "{page}");
        assert!(
            page.contains("<p>سلام &lt;script&gt;<br>\nدو</p>\n<p>&quot;سه&quot; &amp; چهار</p>"),
            "{page}"
        );
        assert!(page.contains("<title>&lt;b&gt;</title>") && page.contains("a=1&amp;b=&quot;2"), "{page}");
        assert!(!page.contains("<script>"));
    }

    #[test]
    fn only_addresses_that_cannot_break_a_header_stand_in_one() {
        for (url, plain) in [
            ("https://x.example/u/abc?d=1", true),
            ("http://x.example/u", false),
            ("https://x.example/u\r\nBcc: all@x.example", false),
            ("https://x.example/u>", false),
        ] {
            assert_eq!(is_plain(url), plain, "{url}");
        }
        assert_eq!(one_line("one\r\nBcc: two"), "one Bcc: two");
    }
}
