//! Numbers of cards and codes of vouchers as pictures that tills read: QR and Code 128, as SVG.
//!
//! Each has its quiet zone, a size in millimetres at which a scanner reads it from paper (it may be shown larger), and the text
//! for people to read, in groups. Colours are black on white whatever the page's are.

use std::fmt::Write as _;

use code128::Code128;
use qrcode::{Color, EcLevel, QrCode};
use serde::Deserialize;
use utoipa::ToSchema;

/// A kind of picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Symbology {
    /// A square that phones' cameras read, too.
    #[default]
    Qr,
    /// Bars, for scanners that read nothing else.
    Code128,
}

/// Empty modules around a QR code (ISO/IEC 18004).
const QR_QUIET: usize = 4;
/// Empty modules above bars, which are not needed and look better.
const BARS_TOP: usize = 5;
/// How high bars are, in modules.
const BARS_HEIGHT: usize = 50;
/// Room for the text below, in modules.
const TEXT_ROOM: usize = 12;
/// A module's width in hundredths of a millimetre.
const QR_MODULE: usize = 75;
const BARS_MODULE: usize = 33;

/// The picture of a text of digits and Latin letters.
///
/// # Errors
/// A fault where the text does not fit the code, which no number of a card and no code of a voucher does.
pub fn svg(text: &str, symbology: Symbology) -> anyhow::Result<String> {
    match symbology {
        Symbology::Qr => qr(text),
        Symbology::Code128 => bars(text),
    }
}

fn qr(text: &str) -> anyhow::Result<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let width = code.width();
    let mut path = String::new();
    for (index, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            block(&mut path, QR_QUIET + index % width, QR_QUIET + index / width, 1, 1);
        }
    }
    Ok(picture(text, width + 2 * QR_QUIET, width + 2 * QR_QUIET, QR_MODULE, &path))
}

fn bars(text: &str) -> anyhow::Result<String> {
    let code = Code128::encode_str(text);
    let code = code.ok_or_else(|| anyhow::anyhow!("a text that Code 128 cannot say"))?;
    let mut path = String::new();
    for bar in code.bar_coordinates() {
        block(&mut path, usize::try_from(bar.x)?, BARS_TOP, usize::from(bar.width), BARS_HEIGHT);
    }
    // The code's width has its quiet zones, and its first bar lies behind one.
    Ok(picture(text, code.len(), BARS_TOP + BARS_HEIGHT, BARS_MODULE, &path))
}

fn block(path: &mut String, x: usize, y: usize, width: usize, height: usize) {
    write!(path, "M{x} {y}h{width}v{height}h-{width}z").expect("a text takes what is written");
}

/// The picture around its dark parts, `width` by `height` modules without the text.
fn picture(text: &str, width: usize, height: usize, module: usize, path: &str) -> String {
    let (tall, middle, line) = (height + TEXT_ROOM, width / 2, height + TEXT_ROOM / 2);
    let text = grouped(text);
    // The text fits between the quiet zones, whatever font there is.
    let room = width - 2 * QR_QUIET;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {tall}\" width=\"{}mm\" height=\"{}mm\" \
         role=\"img\"><title>{text}</title><rect width=\"{width}\" height=\"{tall}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\" shape-rendering=\"crispEdges\"/>\
         <text x=\"{middle}\" y=\"{line}\" fill=\"#000\" font-family=\"monospace\" font-size=\"{}\" \
         text-anchor=\"middle\" textLength=\"{room}\" lengthAdjust=\"spacingAndGlyphs\" direction=\"ltr\">{text}</text></svg>",
        millimetres(width * module),
        millimetres(tall * module),
        TEXT_ROOM / 2,
    )
}

fn millimetres(hundredths: usize) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// `9970000012345671` as `9970 0000 1234 5671`.
fn grouped(text: &str) -> String {
    let mut groups = String::with_capacity(text.len() + text.len() / 4);
    for (place, letter) in text.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            groups.push(' ');
        }
        groups.push(letter);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "4111111111111111";

    #[test]
    fn a_picture_has_its_quiet_zone_its_size_and_the_number() {
        let code = svg(NUMBER, Symbology::Qr).expect("a picture");
        // 21 modules a side, 4 empty ones around them.
        assert!(code.contains("viewBox=\"0 0 29 41\" width=\"21.75mm\" height=\"30.75mm\""), "{code}");
        assert!(code.contains("<title>4111 1111 1111 1111</title>") && code.contains("M4 4h1"), "{code}");
        assert!(!code.contains("M3 ") && !code.contains("M25 "), "{code}");
        let code = svg(NUMBER, Symbology::Code128).expect("a picture");
        // Start, 8 pairs of digits, check, 11 modules each; the stop has 13, the quiet zones 10 each.
        assert!(code.contains("viewBox=\"0 0 143 67\" width=\"47.19mm\""), "{code}");
        assert!(code.contains("M10 5h2v50h-2z"), "{code}");
    }
}
