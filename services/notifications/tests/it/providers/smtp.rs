//! Letters, to a real server.

use kernel::Language;
use notifications::{
    adapters::Fleet,
    domain::sending::{Address, Handed, Outgoing, Refused},
};
use testkit::servers::Mail;
use uuid::Uuid;

use super::{fleet, hand, message, pii, provider};

const TAKEN: Handed = Handed::Taken { reference: None, cost: None };

fn letters(port: u16, more: &str) -> Fleet {
    fleet(&format!(
        "[[provider]]\nname = \"m\"\nkind = \"smtp\"\nport = {port}\nfrom = \"باشگاه <club@shop.example>\"\nreply_to = \"help@shop.example\"\ntimeout_ms = 3000\n{more}"
    ))
}

fn open(port: u16) -> Fleet {
    letters(port, "host = \"127.0.0.1\"\ntls = \"none\"")
}

fn letter(number: u128, to: &str) -> Outgoing {
    message(number, Address::Email(pii(to)))
}

/// What stands in a header.
fn header<'a>(letter: &'a str, name: &str) -> &'a str {
    let head = letter.split("\r\n\r\n").next().unwrap_or_default();
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

/// The parts of a letter, decoded: the text, and the page.
fn parts(letter: &str) -> Vec<String> {
    let python = testkit::servers::provisioned("mail/bin/python").expect("Python");
    let script = "import email, email.policy, json, sys\n\
                  letter = email.message_from_string(sys.argv[1], policy=email.policy.default)\n\
                  parts = [part for part in letter.walk() if not part.is_multipart()]\n\
                  print(json.dumps([letter.get_content_type(), letter['subject']] + [part.get_content_type() + '|' + part.get_content() for part in parts]))";
    let read = std::process::Command::new(python).args(["-c", script, letter]).output().expect("Python runs");
    serde_json::from_slice(&read.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&read.stderr)))
}

#[tokio::test]
async fn a_letter_has_a_text_and_a_page_and_one_click_that_ends_it() {
    let server = Mail::start().expect("a server");
    let fleet = open(server.port());
    let plain = letter(7, "zahra@example.com");
    let mut offer = letter(8, "zahra@example.com");
    offer.language = Language::En;
    offer.title = pii("Two for one\r\nBcc: all@example.com");
    offer.unsubscribe = Some(format!("https://club.example/v1/stop/{}", "x".repeat(120)));
    for message in [&plain, &offer] {
        assert_eq!(hand(&fleet, message).await, TAKEN);
    }
    assert!(!provider(&fleet).knows_repetitions());
    let letters = server.letters().expect("letters");
    let (first, second) = (&letters[0], &letters[1]);
    assert_eq!(header(first, "Message-ID"), format!("<{}@shop.example>", Uuid::from_u128(7)));
    assert_eq!((header(first, "X-From"), header(first, "To")), ("club@shop.example", "zahra@example.com"));
    assert_eq!((header(first, "Reply-To"), header(first, "Content-Language")), ("help@shop.example", "fa"));
    assert!(header(first, "From").ends_with("<club@shop.example>") && !first.contains("List-Unsubscribe"));
    assert!(header(first, "Date").contains("2026"), "{first}");
    let read = parts(first);
    assert_eq!((read[0].as_str(), read[1].as_str()), ("multipart/alternative", "باشگاه"));
    let text = read[2].strip_prefix("text/plain|").expect("a text").replace("\r\n", "\n");
    assert_eq!(text.trim_end(), plain.text.expose());
    let page = read[3].strip_prefix("text/html|").expect("a page");
    assert!(page.contains("<html lang=\"fa\" dir=\"rtl\">"), "{page}");
    assert!(page.contains("&quot;سلام&quot; &amp; {&quot;a&quot;: 1}<br>"), "{page}");

    let stop = offer.unsubscribe.as_deref().expect("an address");
    assert_eq!(header(second, "List-Unsubscribe"), format!("<{stop}>"));
    assert_eq!(header(second, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!((header(second, "Bcc"), header(second, "Content-Language")), ("", "en"));
    assert!(parts(second)[3].contains("dir=\"ltr\"") && parts(second)[3].contains(stop));
    // One connection for both.
    assert_eq!(header(first, "X-Connection"), header(second, "X-Connection"));
}

#[tokio::test]
async fn what_a_server_says_tells_whose_fault_it_is_and_when() {
    let server = Mail::start().expect("a server");
    let fleet = open(server.port());
    let failed = |why: &str| Handed::Failed { why: why.to_owned(), wait_s: None };
    for (to, handed, came) in [
        ("gone@example.com", Handed::Refused(Refused::Address), 0),
        ("policy@example.com", Handed::Refused(Refused::Account), 0),
        ("full@example.com", failed("452"), 0),
        ("spam@example.com", Handed::Refused(Refused::Content), 0),
        ("busy@example.com", failed("451"), 0),
        ("away@example.com", failed("it broke off"), 0),
        ("lost@example.com", Handed::Uncertain { why: "it broke off".to_owned() }, 1),
        ("zahra@example.com", TAKEN, 2),
        ("no mailbox", Handed::Refused(Refused::Address), 2),
        ("زهرا@example.com", Handed::Refused(Refused::Address), 2),
    ] {
        assert_eq!(hand(&fleet, &letter(1, to)).await, handed, "{to}");
        assert_eq!(server.letters().expect("letters").len(), came, "{to}");
    }
    // A connection that was kept is dead, and a new one is made.
    server.kill().expect("it ends");
    assert_eq!(hand(&fleet, &letter(1, "zahra@example.com")).await, failed("not reached"));
    server.restart().expect("it begins");
    assert_eq!(hand(&fleet, &letter(1, "zahra@example.com")).await, TAKEN);
}

#[tokio::test]
async fn passwords_go_encrypted_to_whom_a_certificate_vouches_for() {
    let server = Mail::guarded().expect("a server");
    let table = |host: &str, password: &str, ca: bool| {
        let ca = if ca { format!("ca = \"{}\"", server.certificate().display()) } else { String::new() };
        letters(
            server.port(),
            &format!("host = \"{host}\"\nusername = \"club\"\npassword = \"{password}\"\n{ca}"),
        )
    };
    let zahra = letter(1, "zahra@example.com");
    assert_eq!(hand(&table("localhost", "right", true), &zahra).await, TAKEN);
    assert_eq!(hand(&table("localhost", "wrong", true), &zahra).await, Handed::Refused(Refused::Account));
    for (host, ca) in [("localhost", false), ("127.0.0.1", true)] {
        let handed = hand(&table(host, "right", ca), &zahra).await;
        assert!(matches!(handed, Handed::Failed { .. }), "{host} {ca}: {handed:?}");
    }
    // A server that offers no encryption hears no password.
    let bare = Mail::start().expect("a server");
    let fleet = letters(bare.port(), "host = \"127.0.0.1\"\nusername = \"club\"\npassword = \"right\"");
    assert!(matches!(hand(&fleet, &zahra).await, Handed::Failed { .. }));
    assert!(bare.letters().expect("letters").is_empty());
}
