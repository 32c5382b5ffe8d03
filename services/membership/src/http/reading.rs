//! Reading what people typed: local digits, phones, cards, names. Each mistake has a code of its own.

use kernel::Language;
use locale::{
    digits::to_latin,
    phone::{self, Country, PhoneError},
};
use web::Problem;

use crate::{
    commands::sign_in_staff::Factor,
    domain::{
        LineFlaw,
        card::{CardFlaw, CardNumber},
        card_batch::{BATCH_NAME_CHARACTERS, BatchName},
        code::OneTimeCode,
        device::{DEVICE_CHARACTERS, DeviceName, INSTALLATION_LEAST, INSTALLATION_MOST, Installation},
        name::{FirstName, PlaceNames, PlaceNamesFlaw},
        partner::{PARTNER_NAME_LIMIT, PartnerName},
        phone::Phone,
        referral_code::ReferralCode,
        second_factor::{AppCode, read_recovery_code},
        staff::{STAFF_NAME_LIMIT, StaffName, UserName},
    },
    error,
};

/// A phone number as it was typed; `pointer` says where.
pub(super) fn phone(typed: &str, country: Country, pointer: &str) -> Result<Phone, Problem> {
    let e164 = phone::normalise(typed, country).map_err(|flaw| {
        let code = match flaw {
            PhoneError::NotMobile => &error::PHONE_NOT_MOBILE,
            PhoneError::NotANumber | PhoneError::NotValid => &error::PHONE_INVALID,
        };
        Problem::new(code).pointer(pointer)
    })?;
    Phone::parse(&e164).map_err(|_| Problem::new(&error::PHONE_INVALID).pointer(pointer))
}

/// A card number as it was typed or scanned; `pointer` says where.
pub(super) fn card(typed: &str, pointer: &str) -> Result<CardNumber, Problem> {
    CardNumber::parse(to_latin(typed.trim()).as_ref()).map_err(|flaw| {
        let code = match flaw {
            CardFlaw::Shape => &error::CARD_MALFORMED,
            CardFlaw::CheckDigit => &error::CARD_CHECK_DIGIT,
        };
        Problem::new(code).pointer(pointer)
    })
}

/// Lets phones of these countries pass, and test numbers, which reach nobody.
pub(super) fn open_country(phone: &Phone, open: &[Country], pointer: &str) -> Result<(), Problem> {
    let number = phone.e164();
    let passes = phone::is_test_number(number)
        || phone::country_of(number).is_some_and(|country| open.contains(&country));
    if passes { Ok(()) } else { Err(Problem::new(&error::PHONE_COUNTRY_CLOSED).pointer(pointer)) }
}

/// A one-time code as it was typed; `pointer` says where.
pub(super) fn code(typed: &str, pointer: &str) -> Result<OneTimeCode, Problem> {
    OneTimeCode::parse(to_latin(typed.trim()).as_ref())
        .map_err(|_| Problem::new(&error::CODE_MALFORMED).pointer(pointer))
}

/// A device's name as the app sent it; `pointer` says where.
pub(super) fn device(typed: &str, pointer: &str) -> Result<DeviceName, Problem> {
    DeviceName::parse(typed)
        .map_err(|_| Problem::new(&error::DEVICE_INVALID).arg("limit", DEVICE_CHARACTERS).pointer(pointer))
}

/// What an app calls itself on a device; `pointer` says where.
pub(super) fn installation(sent: &str, pointer: &str) -> Result<Installation, Problem> {
    Installation::parse(sent).map_err(|_| {
        let problem = Problem::new(&error::INSTALLATION_INVALID).arg("least", INSTALLATION_LEAST);
        problem.arg("limit", INSTALLATION_MOST).pointer(pointer)
    })
}

/// A referral code as it was typed; `pointer` says where.
pub(super) fn referral_code(typed: &str, pointer: &str) -> Result<ReferralCode, Problem> {
    ReferralCode::parse(to_latin(typed).as_ref())
        .map_err(|_| Problem::new(&error::REFERRAL_CODE_MALFORMED).pointer(pointer))
}

/// A code that an app shows, as it was typed; `pointer` says where.
pub(super) fn app_code(typed: &str, pointer: &str) -> Result<AppCode, Problem> {
    let code = AppCode::parse(to_latin(typed.trim()).as_ref());
    code.ok_or_else(|| Problem::new(&error::FACTOR_MALFORMED).pointer(pointer))
}

/// A code that an app shows, or a recovery code; `pointer` says where.
pub(super) fn factor(typed: &str, pointer: &str) -> Result<Factor, Problem> {
    match read_recovery_code(typed) {
        Some(code) => Ok(Factor::Recovery(code)),
        None => app_code(typed, pointer).map(Factor::App),
    }
}

/// A user name as it was typed; `pointer` says where.
pub(super) fn user_name(typed: &str, pointer: &str) -> Result<UserName, Problem> {
    UserName::parse(typed).map_err(|_| Problem::new(&error::USER_NAME_INVALID).pointer(pointer))
}

/// What a person of the staff is called; `pointer` says where.
pub(super) fn staff_name(typed: &str, pointer: &str) -> Result<StaffName, Problem> {
    StaffName::parse(typed)
        .map_err(|_| Problem::new(&error::STAFF_NAME_INVALID).arg("limit", STAFF_NAME_LIMIT).pointer(pointer))
}

/// A batch's name as it was typed; `pointer` says where.
pub(super) fn batch_name(typed: &str, pointer: &str) -> Result<BatchName, Problem> {
    BatchName::parse(typed).map_err(|_| {
        Problem::new(&error::CARD_BATCH_NAME).arg("limit", BATCH_NAME_CHARACTERS).pointer(pointer)
    })
}

/// A partner's name as it was typed; `pointer` says where.
pub(super) fn partner_name(typed: &str, pointer: &str) -> Result<PartnerName, Problem> {
    PartnerName::parse(typed).map_err(|_| {
        Problem::new(&error::PARTNER_NAME_INVALID).arg("limit", PARTNER_NAME_LIMIT).pointer(pointer)
    })
}

/// A first name as it was typed; `pointer` says where.
pub(super) fn first_name(typed: &str, pointer: &str) -> Result<FirstName, Problem> {
    FirstName::parse(typed).map_err(|flaw| match flaw {
        LineFlaw::Empty => Problem::new(&error::FIRST_NAME_EMPTY).pointer(pointer),
        LineFlaw::TooLong { limit } => too_long(Problem::new(&error::FIRST_NAME_TOO_LONG), limit, pointer),
        LineFlaw::Forbidden { code } => forbidden(Problem::new(&error::FIRST_NAME_FORBIDDEN), code, pointer),
    })
}

/// The names of a place, by language.
pub(super) fn place_names<'a>(
    names: impl IntoIterator<Item = (Language, &'a str)>,
) -> Result<PlaceNames, Problem> {
    PlaceNames::parse(names).map_err(|flaw| match flaw {
        PlaceNamesFlaw::Missing => Problem::new(&error::PLACE_NAME_MISSING).pointer("/names"),
        PlaceNamesFlaw::Line(language, flaw) => {
            let pointer = format!("/names/{language}");
            match flaw {
                LineFlaw::Empty => Problem::new(&error::PLACE_NAME_EMPTY).pointer(pointer),
                LineFlaw::TooLong { limit } => {
                    too_long(Problem::new(&error::PLACE_NAME_TOO_LONG), limit, &pointer)
                }
                LineFlaw::Forbidden { code } => {
                    forbidden(Problem::new(&error::PLACE_NAME_FORBIDDEN), code, &pointer)
                }
            }
        }
    })
}

/// An IANA time zone.
pub(super) fn time_zone(name: String) -> Result<String, Problem> {
    let known = name.parse::<chrono_tz::Tz>().is_ok();
    if known { Ok(name) } else { Err(Problem::new(&error::TIME_ZONE_UNKNOWN).pointer("/time_zone")) }
}

/// A SHA-256 digest in hexadecimal.
pub(super) fn digest32(text: &str) -> Result<[u8; 32], Problem> {
    let wrong = || Problem::new(&error::DIGEST_INVALID).pointer("/digest");
    let nibbles: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let nibbles = nibbles.filter(|nibbles| nibbles.len() == 64).ok_or_else(wrong)?;
    let bytes: Vec<u8> = nibbles.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    bytes.try_into().map_err(|_| wrong())
}

fn too_long(problem: Problem, limit: usize, pointer: &str) -> Problem {
    problem.arg("limit", limit).extension("limit", limit).pointer(pointer)
}

fn forbidden(problem: Problem, code: u32, pointer: &str) -> Problem {
    let character = format!("U+{code:04X}");
    problem.arg("character", character.as_str()).extension("character", character).pointer(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_digits_are_read_everywhere() {
        let phone = phone("۰۹۱۲ ۱۲۳ ۴۵۶۷", Country::IRAN, "/phone").expect("a phone");
        assert_eq!(phone.e164(), "+989121234567");
        let card = card(" ٤١١١ ١١١١ ١١١١ ١١١١ ", "/card").expect("a card");
        assert_eq!(card.digits(), "4111111111111111");
    }

    #[test]
    fn a_digest_is_64_hexadecimal_characters() {
        assert_eq!(digest32(&"ab".repeat(32)).expect("a digest"), [0xab; 32]);
        for wrong in ["", "ab", &"zz".repeat(32), &"ab".repeat(33)] {
            assert!(digest32(wrong).is_err(), "{wrong}");
        }
    }
}
