//! SMPP, to a small centre of our own that does what real ones do on bad days.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use notifications::{
    adapters::Fleet,
    domain::sending::{Handed, Notice, Receipt, Refused},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Mutex as Turn,
};

use super::{fleet, hand, pii, provider, sms};

/// What the centre does with the next message.
#[derive(Clone, Copy)]
enum Does {
    Takes,
    Says(u32),
    BreaksOff,
    Silent,
    /// It answers when the next one came.
    Later,
}

/// A packet: its command, status, number and body.
type Packet = (u32, u32, u32, Vec<u8>);

#[derive(Default)]
struct Book {
    does: VecDeque<Does>,
    heard: Vec<Packet>,
    line: Option<Arc<Turn<tokio::net::tcp::OwnedWriteHalf>>>,
    lines: usize,
}

/// A centre on 127.0.0.1.
#[derive(Clone)]
struct Centre {
    port: u16,
    book: Arc<Mutex<Book>>,
}

fn packet(id: u32, status: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + body.len()).expect("a length");
    [&[length, id, status, sequence].map(u32::to_be_bytes).concat(), body].concat()
}

impl Centre {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let centre = Self { port: listener.local_addr().expect("an address").port(), book: Arc::default() };
        let own = centre.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move { own.serve(stream).await });
            }
        });
        centre
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().expect("no panic")
    }

    fn next(&self, does: impl IntoIterator<Item = Does>) {
        self.book().does.extend(does);
    }

    /// The packets of a command that came since.
    fn heard(&self, command: u32) -> Vec<Packet> {
        let all = std::mem::take(&mut self.book().heard);
        all.into_iter().filter(|(id, ..)| *id == command).collect()
    }

    async fn serve(&self, stream: TcpStream) {
        let (mut read, write) = stream.into_split();
        let write = Arc::new(Turn::new(write));
        {
            let mut book = self.book();
            book.line = Some(Arc::clone(&write));
            book.lines += 1;
        }
        let mut late = Vec::new();
        loop {
            let mut head = [0; 16];
            if read.read_exact(&mut head).await.is_err() {
                return;
            }
            let word = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().expect("four bytes"));
            let (length, id, status, sequence) = (word(0) as usize, word(4), word(8), word(12));
            let mut body = vec![0; length - 16];
            read.read_exact(&mut body).await.expect("a body");
            let does = {
                let mut book = self.book();
                book.heard.push((id, status, sequence, body.clone()));
                if id == 4 { book.does.pop_front().unwrap_or(Does::Takes) } else { Does::Takes }
            };
            let taken = || packet(0x8000_0004, 0, sequence, format!("m{sequence}\0").as_bytes());
            let answer = match (id, does) {
                (9, _) if body.starts_with(b"club\0right\0\0\x34") => {
                    packet(0x8000_0009, 0, sequence, b"centre\0")
                }
                (9, _) => packet(0x8000_0009, 0x0E, sequence, &[]),
                (4, Does::Takes) => [taken(), std::mem::take(&mut late)].concat(),
                (4, Does::Says(status)) => packet(0x8000_0004, status, sequence, &[]),
                (4, Does::BreaksOff) => {
                    self.book().line = None;
                    return;
                }
                (4, Does::Later) => {
                    late = taken();
                    continue;
                }
                (0x15, _) => packet(0x8000_0015, 0, sequence, &[]),
                _ => continue,
            };
            write.lock().await.write_all(&answer).await.expect("written");
        }
    }

    /// Says something by itself.
    async fn says(&self, bytes: &[u8]) {
        let line = self.book().line.clone().expect("a line");
        line.lock().await.write_all(bytes).await.expect("written");
    }
}

fn account(port: u16, more: &str) -> Fleet {
    fleet(&format!(
        "[[provider]]\nname = \"s\"\nkind = \"smpp\"\nhost = \"127.0.0.1\"\nport = {port}\nsystem_id = \"club\"\nfrom = \"10008\"\ntimeout_ms = 500\n{more}"
    ))
}

fn taken(number: u32) -> Handed {
    Handed::Taken { reference: Some(format!("m{number}")), cost: None }
}

/// The class, the coding and the text of a submitted part.
fn part(body: &[u8]) -> (u8, u8, Vec<u8>) {
    let rest = body.strip_prefix(b"\0\x03\x0010008\0\x01\x01989121234567\0".as_slice());
    let rest = rest.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(body)));
    assert_eq!((&rest[1..5], rest[5], rest[9] as usize), (&[0; 4][..], 1, rest.len() - 10));
    (rest[0], rest[7], rest[10..].to_vec())
}

#[tokio::test]
async fn a_text_goes_in_the_alphabet_that_it_needs_and_in_parts_over_one_line() {
    let centre = Centre::start().await;
    let fleet = account(centre.port, "password = \"right\"");
    assert_eq!(hand(&fleet, &sms(7)).await, taken(2));
    let (class, coding, bytes) = part(&centre.heard(4)[0].3);
    let units: Vec<u16> = bytes.chunks(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
    assert_eq!(
        (class, coding, String::from_utf16(&units).expect("UTF-16")),
        (0, 8, sms(7).text.expose().clone())
    );
    let mut long = sms(0x0A09);
    long.text = pii(&"[Hello] ".repeat(30));
    assert_eq!(hand(&fleet, &long).await, taken(3));
    let parts: Vec<_> = centre.heard(4).iter().map(|one| part(&one.3)).collect();
    assert_eq!(parts.len(), 2);
    for (number, (class, coding, bytes)) in (1..).zip(&parts) {
        assert_eq!((*class, *coding, &bytes[..6]), (0x40, 0, &[5, 0, 3, 9, 2, number][..]));
    }
    let text = [&parts[0].2[6..], &parts[1].2[6..]].concat();
    // Brackets stand in the extension table.
    assert_eq!(text, b"\x1b\x3cHello\x1b\x3e ".repeat(30));
    assert_eq!(centre.book().lines, 1);
    assert!(!provider(&fleet).knows_repetitions() && provider(&fleet).reaches(&sms(1).to));
}

#[tokio::test]
async fn what_a_centre_says_tells_whose_fault_it_is_and_silence_nothing() {
    let centre = Centre::start().await;
    let fleet = account(centre.port, "password = \"right\"");
    let failed = |why: &str| Handed::Failed { why: why.to_owned(), wait_s: None };
    let uncertain = |why: &str| Handed::Uncertain { why: why.to_owned() };
    for (does, handed) in [
        (Does::Says(0x0B), Handed::Refused(Refused::Address)),
        (Does::Says(0x01), Handed::Refused(Refused::Content)),
        (Does::Says(0x0A), Handed::Refused(Refused::Account)),
        (Does::Says(0x58), failed("0x58")),
        (Does::Says(0x14), failed("0x14")),
        (Does::Silent, uncertain("no answer in time")),
        (Does::BreaksOff, uncertain("it broke off")),
        (Does::Takes, taken(2)),
    ] {
        centre.next([does]);
        assert_eq!(hand(&fleet, &sms(1)).await, handed);
        assert_eq!(centre.heard(4).len(), 1, "{handed:?}");
    }
    // After it broke off, a new line.
    assert_eq!(centre.book().lines, 2);
    centre.next([Does::Takes, Does::Says(0x58)]);
    let mut long = sms(3);
    long.text = pii(&"س".repeat(100));
    assert_eq!(hand(&fleet, &long).await, uncertain("a part was not taken"));

    assert_eq!(
        hand(&account(centre.port, "password = \"wrong\""), &sms(1)).await,
        Handed::Refused(Refused::Account)
    );
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    assert_eq!(hand(&account(free.port(), "password = \"right\""), &sms(1)).await, failed("not reached"));
}

#[tokio::test]
async fn many_wait_at_once_and_answers_come_in_any_order() {
    let centre = Centre::start().await;
    let fleet = account(centre.port, "password = \"right\"\nwindow = 50");
    hand(&fleet, &sms(1)).await;
    centre.next([Does::Later, Does::Takes]);
    let (first, second) = (sms(2), sms(3));
    let (one, other) = tokio::join!(hand(&fleet, &first), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        hand(&fleet, &second).await
    });
    assert_eq!((one, other), (taken(3), taken(4)));
    // Whoever gives up takes nobody's answer along.
    centre.next([Does::Silent]);
    let messages: Vec<_> = (10..200).map(sms).collect();
    let all = futures_util::future::join_all(messages.iter().map(|message| hand(&fleet, message))).await;
    let good = all.iter().filter(|handed| matches!(handed, Handed::Taken { .. })).count();
    assert_eq!((good, all.len()), (189, 190));
    assert_eq!(centre.book().lines, 1);
}

#[tokio::test]
async fn receipts_come_on_the_line_and_what_people_write_is_refused() {
    let centre = Centre::start().await;
    let provider = provider(&account(centre.port, "password = \"right\""));
    // Nobody sends anything, and it is listened to all the same.
    assert_eq!(provider.heard().await, Vec::new());
    assert_eq!(centre.book().lines, 1);
    let delivered = |class: u8, text: &str| {
        let length = u8::try_from(text.len()).expect("short");
        let head =
            [b"\0\x01\x01989121234567\0\x03\x0010008\0".as_slice(), &[class, 0, 0, 0, 0, 0, 0, 0, 0, length]];
        [&head.concat(), text.as_bytes()].concat()
    };
    let receipt = |name: &str, word: &str| {
        delivered(
            4,
            &format!(
                "id:{name} sub:001 dlvrd:001 submit date:2611210830 done date:2611210831 stat:{word} err:000 text:x"
            ),
        )
    };
    let bytes = [
        packet(5, 0, 71, &receipt("m2", "DELIVRD")),
        packet(5, 0, 72, &receipt("m3", "UNDELIV")),
        packet(0x15, 0, 73, &[]),
        packet(5, 0, 74, &delivered(0, "STOP")),
        packet(0x103, 0, 75, &[]),
    ];
    let bytes = bytes.concat();
    // Torn in the middle.
    centre.says(&bytes[..90]).await;
    provider.heard().await;
    centre.says(&bytes[90..]).await;
    let mut heard = Vec::new();
    for _ in 0..50 {
        heard.extend(provider.heard().await);
        if centre.book().heard.len() >= 6 {
            break;
        }
    }
    let notice = |name: &str, receipt| Notice { attempt: None, reference: Some(name.to_owned()), receipt };
    assert_eq!(heard, [notice("m2", Receipt::Delivered), notice("m3", Receipt::Failed)]);
    let answers: Vec<(u32, u32, u32)> =
        centre.book().heard.iter().skip(1).map(|(id, status, number, _)| (*id, *status, *number)).collect();
    let expected = [
        (0x8000_0005, 0, 71),
        (0x8000_0005, 0, 72),
        (0x8000_0015, 0, 73),
        (0x8000_0005, 0x65, 74),
        (0x8000_0000, 3, 75),
    ];
    assert_eq!(answers, expected);
    // What cannot be a packet ends the line, and the next message makes another one.
    centre.says(&[0; 16]).await;
    provider.heard().await;
    assert_eq!(provider.hand(&sms(1)).await, taken(2));
    assert_eq!(centre.book().lines, 2);
}
