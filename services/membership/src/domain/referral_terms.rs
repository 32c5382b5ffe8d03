//! What a chain promises members who bring friends, and asks of these friends.

use kernel::Currency;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{line::read_line, question::Words, referral_code::ReferralCode};

/// The longest that a friend has to buy, in days.
pub const DAYS_LIMIT: u16 = 365;
/// The longest after joining that a friend gives the code, in days.
pub const JOIN_DAYS_LIMIT: u16 = 90;
/// The most referrals of one member within 30 days that a chain may allow.
pub const PER_MONTH_LIMIT: u16 = 1_000;
/// The most characters of the link.
pub const LINK_LIMIT: usize = 200;
/// The largest least amount, in minor units.
const AMOUNT_LIMIT: i64 = 1_000_000_000_000;
/// Where the member's code stands in the link, and in the words.
const CODE_PLACE: &str = "{code}";
/// Where the link stands in the words.
const LINK_PLACE: &str = "{link}";

/// What a chain says of referrals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferralTerms {
    /// Whether friends are referred now.
    pub live: bool,
    /// The least that the friend's purchase costs, in minor units.
    pub minimum_amount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// How long the friend has for it, in days from giving the code.
    pub days: u16,
    /// How long after joining the code is given, in days.
    pub join_days: u16,
    /// The most referrals of one member within 30 days.
    pub per_month: u16,
    /// The address that members pass on, with `{code}` in the place of their code.
    pub link: String,
    /// What members write to their friends, with `{link}` or `{code}` in it.
    pub invitation: Words,
}

/// Why terms cannot be used: the field that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{0} cannot be used")]
pub struct ReferralTermsFlaw(pub &'static str);

impl ReferralTerms {
    /// Checks terms as they were written.
    ///
    /// # Errors
    /// [`ReferralTermsFlaw`], the first field that is wrong.
    pub fn checked(self) -> Result<Self, ReferralTermsFlaw> {
        let whole = |name, good: bool| if good { Ok(()) } else { Err(ReferralTermsFlaw(name)) };
        whole("minimum_amount", (1..=AMOUNT_LIMIT).contains(&self.minimum_amount))?;
        whole("days", (1..=DAYS_LIMIT).contains(&self.days))?;
        whole("join_days", (1..=JOIN_DAYS_LIMIT).contains(&self.join_days))?;
        whole("per_month", (1..=PER_MONTH_LIMIT).contains(&self.per_month))?;
        let link = read_line(&self.link, LINK_LIMIT).map_err(|_| ReferralTermsFlaw("link"))?;
        let address = link.starts_with("https://") && !link.contains(' ');
        whole("link", address && link.matches(CODE_PLACE).count() == 1)?;
        let invitation = self.invitation.checked().ok_or(ReferralTermsFlaw("invitation"))?;
        let leads = |text: &String| text.contains(LINK_PLACE) || text.contains(CODE_PLACE);
        whole("invitation", [&invitation.fa, &invitation.ar, &invitation.en].into_iter().all(leads))?;
        Ok(Self { link, invitation, ..self })
    }

    /// The address that a member passes on.
    #[must_use]
    pub fn link_of(&self, code: &ReferralCode) -> String {
        self.link.replace(CODE_PLACE, code.text())
    }

    /// What a member writes to friends.
    #[must_use]
    pub fn invitation_of(&self, code: &ReferralCode) -> Words {
        let link = self.link_of(code);
        let filled = |text: &str| text.replace(LINK_PLACE, &link).replace(CODE_PLACE, code.text());
        let Words { fa, ar, en } = &self.invitation;
        Words { fa: filled(fa), ar: filled(ar), en: filled(en) }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Terms that can be used.
    pub fn terms() -> ReferralTerms {
        let text = |text: &str| text.to_owned();
        ReferralTerms {
            live: true,
            minimum_amount: 1_000,
            currency: Currency::parse("IRR").expect("a currency"),
            days: 30,
            join_days: 7,
            per_month: 3,
            link: text("https://club.example/join?code={code}"),
            invitation: Words {
                fa: text("بیا: {link}"),
                ar: text("انضم: {link}"),
                en: text("Join: {link} or {code}"),
            },
        }
    }

    #[test]
    fn terms_are_checked_field_by_field() {
        assert_eq!(terms().checked(), Ok(terms()));
        let link = |link: &str| ReferralTerms { link: link.to_owned(), ..terms() };
        let words = |en: &str| ReferralTerms {
            invitation: Words { en: en.to_owned(), ..terms().invitation },
            ..terms()
        };
        for (bad, field) in [
            (ReferralTerms { minimum_amount: 0, ..terms() }, "minimum_amount"),
            (ReferralTerms { minimum_amount: i64::MAX, ..terms() }, "minimum_amount"),
            (ReferralTerms { days: 0, ..terms() }, "days"),
            (ReferralTerms { days: 366, ..terms() }, "days"),
            (ReferralTerms { join_days: 91, ..terms() }, "join_days"),
            (ReferralTerms { per_month: 0, ..terms() }, "per_month"),
            (link("http://club.example/{code}"), "link"),
            (link("https://club.example/"), "link"),
            (link("https://club.example/{code}/{code}"), "link"),
            (link(&format!("https://club.example/{{code}}/{}", "a".repeat(200))), "link"),
            (words("Join us"), "invitation"),
            (words(" "), "invitation"),
        ] {
            assert_eq!(bad.checked(), Err(ReferralTermsFlaw(field)), "{field}");
        }
    }

    #[test]
    fn what_members_pass_on_has_their_code() {
        let code = ReferralCode::drawn(7);
        let (link, words) = (terms().link_of(&code), terms().invitation_of(&code));
        assert_eq!(link, format!("https://club.example/join?code={}", code.text()));
        assert_eq!(words.en, format!("Join: {link} or {}", code.text()));
    }
}
