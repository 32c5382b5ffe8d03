//! Which part of a campaign a member is in.

use kernel::{CampaignCode, MemberId};

/// A part of those whom a campaign is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Arm {
    /// They get nothing, and show what would have happened without it.
    Control,
    /// They get the first words.
    First,
    /// They get the second words.
    Second,
}

impl Arm {
    /// Every arm.
    pub const ALL: [Self; 3] = [Self::Control, Self::First, Self::Second];

    /// Its number in rows.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Control => 0,
            Self::First => 1,
            Self::Second => 2,
        }
    }

    /// The arm of this number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|arm| arm.number() == number)
    }

    /// Its word in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::First => "first",
            Self::Second => "second",
        }
    }

    /// The arm of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|arm| arm.word() == word)
    }
}

/// The arm of a member in a campaign that holds `control_percent` of all out, and gives `second_percent` of the others the second
/// words.
#[must_use]
pub fn arm_of(campaign: &CampaignCode, member: MemberId, control_percent: u8, second_percent: u8) -> Arm {
    let seed = spread(campaign.as_str().as_bytes(), spread(member.as_uuid().as_bytes(), BASIS));
    // Two draws that know nothing of each other: whoever is held out by 20 % is not whoever gets the first words.
    if percent(mixed(seed)) < control_percent {
        Arm::Control
    } else if percent(mixed(seed ^ OTHER)) < second_percent {
        Arm::Second
    } else {
        Arm::First
    }
}

/// Where FNV-1a begins; source: RFC 9923.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
/// By what it multiplies.
const PRIME: u64 = 0x0000_0100_0000_01b3;
/// Makes the second draw another one.
const OTHER: u64 = 0x9e37_79b9_7f4a_7c15;

fn spread(bytes: &[u8], from: u64) -> u64 {
    bytes.iter().fold(from, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(PRIME))
}

/// FNV leaves what the last bytes say in few bits; this carries it into all of them (the finish of `MurmurHash3`).
const fn mixed(sum: u64) -> u64 {
    let sum = (sum ^ (sum >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let sum = (sum ^ (sum >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    sum ^ (sum >> 33)
}

/// 0 to 99, each as often.
fn percent(draw: u64) -> u8 {
    u8::try_from((u128::from(draw) * 100) >> 64).unwrap_or(99)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn code(text: &str) -> CampaignCode {
        CampaignCode::parse(text).expect("a code")
    }

    /// Ids as they are made: by time, a millisecond apart, with chance behind.
    fn member(number: u64) -> MemberId {
        let time = (0x0192_f3a1_7c00_u128 + u128::from(number)) << 80;
        MemberId::from_uuid(Uuid::from_u128(time | 0x7000_8000_0000_0000_0000 | u128::from(mixed(number))))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        /// Shares come out as they were asked for, whoever the members and whatever the campaign is called.
        #[test]
        fn shares_are_as_they_were_asked_for(name in "[a-z]{1,12}", control in 0_u8..=100, second in 0_u8..=100, from in 0_u64..1_000_000) {
            const MEMBERS: u64 = 4_000;
            let name = code(&name);
            let arms: Vec<Arm> = (from..from + MEMBERS).map(|one| arm_of(&name, member(one), control, second)).collect();
            let counted = |arm| u64::try_from(arms.iter().filter(|one| **one == arm).count()).unwrap();
            let held = MEMBERS * u64::from(control) / 100;
            let others = MEMBERS - counted(Arm::Control);
            // Five standard deviations of a fair draw are less than 160 of 4,000.
            prop_assert!(counted(Arm::Control).abs_diff(held) <= 160, "{} of {}", counted(Arm::Control), held);
            let expected = others * u64::from(second) / 100;
            prop_assert!(counted(Arm::Second).abs_diff(expected) <= 160, "{} of {}", counted(Arm::Second), expected);
            let again: Vec<Arm> = (from..from + MEMBERS).map(|one| arm_of(&name, member(one), control, second)).collect();
            prop_assert_eq!(arms, again);
        }

        /// Whoever is held out by a share is held out by every larger one: nobody who got nothing gets it when more are held out.
        #[test]
        fn a_larger_share_holds_out_the_same_and_more(number in 0_u64..1_000_000, control in 0_u8..100) {
            let (name, whose) = (code("eid"), member(number));
            if arm_of(&name, whose, control, 50) == Arm::Control {
                prop_assert_eq!(arm_of(&name, whose, control + 1, 50), Arm::Control);
            }
        }
    }

    #[test]
    fn nobody_and_everybody_are_exact_and_campaigns_draw_anew() {
        let arms = |control, second| {
            (0..2_000).map(|one| arm_of(&code("a"), member(one), control, second)).collect::<Vec<_>>()
        };
        assert!(arms(0, 0).iter().all(|arm| *arm == Arm::First));
        assert!(arms(0, 100).iter().all(|arm| *arm == Arm::Second));
        assert!(arms(100, 50).iter().all(|arm| *arm == Arm::Control));
        let same = (0..2_000)
            .filter(|one| arm_of(&code("a"), member(*one), 50, 0) == arm_of(&code("b"), member(*one), 50, 0));
        assert!((800..1_200).contains(&same.count()));
        assert!(
            Arm::ALL.iter().all(|arm| Arm::from_number(arm.number()) == Some(*arm)
                && Arm::from_word(arm.word()) == Some(*arm))
        );
    }

    #[test]
    fn an_arm_is_for_ever() {
        let arms: Vec<Arm> = (0..12).map(|one| arm_of(&code("yalda"), member(one), 30, 50)).collect();
        let (c, f, s) = (Arm::Control, Arm::First, Arm::Second);
        assert_eq!(arms, [f, c, f, c, f, c, c, f, s, c, f, c]);
    }
}
