//! What can happen to an account.

use proptest::prelude::*;

/// One thing that somebody asks for, or that passes.
#[derive(Clone, Debug)]
pub enum Command {
    /// Time goes by: days, then seconds.
    Wait(u16, u32),
    /// Something is asked under a key; a key that was used before asks for the same again.
    Ask(u16, Asked),
}

/// Something that is asked; places count among those that there are, round and round.
#[derive(Clone, Debug)]
pub enum Asked {
    /// A purchase of so much in one of three branches.
    Buy(usize, i64),
    /// The same, paid with so many points in part.
    Pay(usize, i64, i64),
    /// So much of an earlier purchase comes back.
    Return(usize, i64),
    /// What is pending of an earlier purchase is activated before its day.
    Activate(usize),
    /// Points are set aside for so many seconds.
    Hold(i64, u32),
    /// An earlier hold is captured, with so many points or all.
    Capture(usize, Option<i64>),
    /// An earlier hold is released.
    Release(usize),
    /// Points are redeemed at once.
    Redeem(i64),
    /// An earlier redemption is undone.
    Reverse(usize),
    /// Points are given by hand, for so many days.
    Give(i64, u16),
    /// Points are taken by hand.
    Deduct(i64),
    /// Points go to another member, who is asked whether they want them.
    PassOn(i64),
    /// An earlier transfer does not come about.
    ComeBack(usize),
    /// The account is frozen, or opened again.
    Freeze(bool),
}

pub fn any() -> impl Strategy<Value = Command> {
    let wait = prop_oneof![
        4 => (Just(0_u16), 0_u32..2_000),
        2 => (0_u16..15, 0_u32..86_400),
        1 => (15_u16..90, Just(0_u32)),
    ];
    let some = || prop_oneof![6 => 1_i64..120, 1 => 1_i64..5_000];
    let asked = prop_oneof![
        8 => (0_usize..3, prop_oneof![8 => 0_i64..20_000, 1 => 0_i64..1_000_000]).prop_map(|(branch, amount)| Asked::Buy(branch, amount)),
        3 => (0_usize..3, 0_i64..20_000, some()).prop_map(|(branch, amount, points)| Asked::Pay(branch, amount, points)),
        4 => (0_usize..20, prop_oneof![0_i64..20_000, Just(i64::MAX)]).prop_map(|(which, amount)| Asked::Return(which, amount)),
        2 => (0_usize..20).prop_map(Asked::Activate),
        3 => (some(), 1_u32..200_000).prop_map(|(points, life)| Asked::Hold(points, life)),
        3 => (0_usize..10, prop::option::of(some())).prop_map(|(which, points)| Asked::Capture(which, points)),
        2 => (0_usize..10).prop_map(Asked::Release),
        4 => some().prop_map(Asked::Redeem),
        2 => (0_usize..10).prop_map(Asked::Reverse),
        1 => (some(), 0_u16..100).prop_map(|(points, days)| Asked::Give(points, days)),
        1 => some().prop_map(Asked::Deduct),
        2 => some().prop_map(Asked::PassOn),
        1 => (0_usize..10).prop_map(Asked::ComeBack),
        1 => any_bool().prop_map(Asked::Freeze),
    ];
    prop_oneof![
        2 => wait.prop_map(|(days, seconds)| Command::Wait(days, seconds)),
        7 => (0_u16..600, asked).prop_map(|(key, asked)| Command::Ask(key, asked)),
    ]
}

/// Mostly open.
fn any_bool() -> impl Strategy<Value = bool> {
    prop_oneof![2 => Just(false), 1 => Just(true)]
}
