//! Is everything as it is promised? Recomputed from the rows, for `vafa verify`.

use std::collections::BTreeMap;

use kernel::{Points, RedemptionId};
use runtime::AuditRow;
use store::Database;

use super::{draw_record, money};
use crate::{
    domain::money::{Measure, Sums},
    error::Error,
    store::{auditing, money as kept, money_flows::Line},
};

/// Promises, and what would break each: a table, and which of its rows.
const PROMISES: &[(&str, &str, &str)] = &[
    (
        "of every stock so many are reserved and given as redemptions and gifts say",
        "stock",
        "reserved <> (SELECT COUNT(*) FROM redemptions r WHERE r.reward = stock.reward AND r.state IN ('requested', 'fulfilling', 'fulfilled') \
         AND ((stock.branch = '' AND r.chain_stock = 1) OR (stock.branch = r.branch AND r.branch_stock = 1))) \
         OR issued <> (SELECT COUNT(*) FROM redemptions r WHERE r.reward = stock.reward AND r.state IN ('completed', 'cancelled', 'refunded', 'forfeited') \
         AND ((stock.branch = '' AND r.chain_stock = 1) OR (stock.branch = r.branch AND r.branch_stock = 1))) \
         + (SELECT COUNT(*) FROM gifts g WHERE g.reward = stock.reward AND g.state = 'given' \
         AND ((stock.branch = '' AND g.chain_stock = 1) OR (stock.branch = g.branch AND g.branch_stock = 1)))",
    ),
    (
        "no stock gives more than there is",
        "stock",
        "reserved < 0 OR issued < 0 OR reserved + issued > initial",
    ),
    (
        "every redemption that is over says when, and why where it came to nothing",
        "redemptions",
        "(state IN ('requested', 'fulfilling', 'fulfilled')) = (ended_at IS NOT NULL) OR (state IN ('released', 'forfeited')) <> (reason IS NOT NULL)",
    ),
    (
        "of what is cancelled it is known who did it, and nothing of it was used or can be",
        "redemptions",
        "(state IN ('cancelled', 'refunded', 'forfeited')) <> (cancelled_at IS NOT NULL AND cancelled_by IS NOT NULL) \
         OR (cancelled_at IS NOT NULL AND EXISTS (SELECT 1 FROM vouchers v WHERE v.redemption_id = redemptions.id \
         AND (v.state <> 'cancelled' OR EXISTS (SELECT 1 FROM voucher_uses u WHERE u.voucher_id = v.id AND u.state = 'used'))))",
    ),
    (
        "a member has a voucher of a redemption that is completed, and of no other",
        "vouchers",
        "gift = 0 AND (issued_at IS NOT NULL) <> EXISTS (SELECT 1 FROM redemptions r WHERE r.id = vouchers.redemption_id \
         AND r.state IN ('completed', 'cancelled', 'refunded', 'forfeited'))",
    ),
    (
        "every voucher that was given is the one of a gift that says so",
        "vouchers",
        "gift = 1 AND NOT EXISTS (SELECT 1 FROM gifts g WHERE g.id = vouchers.redemption_id AND g.voucher_id = vouchers.id \
         AND g.member_id = vouchers.member_id AND g.state = 'given')",
    ),
    (
        "every occasion gave a member one gift, and no day of the year two in 300 days",
        "gifts",
        "EXISTS (SELECT 1 FROM gifts o WHERE o.source = gifts.source AND o.member_id = gifts.member_id AND o.id <> gifts.id \
         AND (o.cause = gifts.cause OR (gifts.why IN ('birthday', 'join_anniversary') \
         AND gifts.cause NOT LIKE '% of %' AND o.cause NOT LIKE '% of %' \
         AND o.caused_at BETWEEN gifts.caused_at - 25919999999999 AND gifts.caused_at + 25919999999999)))",
    ),
    (
        "of every budget so many were given as gifts say, and no more than there are",
        "gift_budgets",
        "given > most OR given <> (SELECT COUNT(*) FROM gifts g WHERE g.source = gift_budgets.source AND g.budgeted = 1 \
         AND g.state = 'given')",
    ),
    (
        "no event has more seats taken than it has, and so many as its seats say",
        "events",
        "taken > seats OR taken <> (SELECT COUNT(*) FROM seats s WHERE s.event = events.code \
         AND s.state IN ('asked', 'booked', 'attended', 'missed')) \
         OR waiting <> (SELECT COUNT(*) FROM seats s WHERE s.event = events.code AND s.state = 'waiting')",
    ),
    (
        "a seat that costs points is booked when they are redeemed, and asked for until then",
        "seats",
        "points > 0 AND ((state IN ('booked', 'attended') AND NOT EXISTS \
         (SELECT 1 FROM redemptions r WHERE r.id = seats.brought_by AND r.state = 'completed')) OR (state = 'asked' AND NOT EXISTS \
         (SELECT 1 FROM redemptions r WHERE r.id = seats.brought_by AND r.state IN ('requested', 'fulfilled'))))",
    ),
    (
        "no voucher is used beyond its worth, and what is used up says so",
        "vouchers",
        "COALESCE((SELECT SUM(u.amount) FROM voucher_uses u WHERE u.voucher_id = vouchers.id AND u.state = 'used'), 0) > worth \
         OR (state = 'used') <> (COALESCE((SELECT SUM(u.amount) FROM voucher_uses u WHERE u.voucher_id = vouchers.id \
         AND u.state = 'used'), 0) = worth AND state <> 'cancelled')",
    ),
    (
        "no draw gives more of a prize than there is, and every prize that was claimed is counted",
        "draw_prizes",
        "given <> (SELECT COUNT(*) FROM draw_wins w WHERE w.draw = draw_prizes.draw AND w.prize = draw_prizes.prize \
         AND w.state IN ('claimed', 'handed_over')) OR units < (SELECT COUNT(*) FROM draw_wins w WHERE w.draw = draw_prizes.draw \
         AND w.prize = draw_prizes.prize AND w.state <> 'lapsed')",
    ),
    (
        "every member has as many tickets of a draw as were brought",
        "draw_entrants",
        "tickets <> COALESCE((SELECT SUM(e.tickets) FROM draw_entries e WHERE e.draw = draw_entrants.draw \
         AND e.member_id = draw_entrants.member_id AND e.state <> 'gone'), 0)",
    ),
    (
        "a closed list has every ticket that counts, and no other",
        "draw_entries",
        "(position IS NOT NULL) <> (state = 'live' AND EXISTS (SELECT 1 FROM draws d WHERE d.code = draw_entries.draw \
         AND d.state IN ('closed', 'settled')))",
    ),
    (
        "of what others deliver, what is open waits, what is delivered is or will be redeemed, and what is refused is released",
        "fulfilments",
        "NOT EXISTS (SELECT 1 FROM redemptions r WHERE r.id = fulfilments.redemption_id AND ( \
         (fulfilments.state IN ('waiting', 'asked', 'doubted') AND r.state = 'fulfilling') \
         OR (fulfilments.state = 'delivered' AND r.state NOT IN ('requested', 'fulfilling') AND (r.state <> 'released' OR r.reason <> 'not_delivered')) \
         OR (fulfilments.state = 'refused' AND r.state = 'released')))",
    ),
    (
        "a batch has as many codes as it says, each under one of its numbers",
        "code_batches",
        "made <> (SELECT COUNT(*) FROM bearer_codes c WHERE c.batch_id = code_batches.id AND c.number BETWEEN 1 AND code_batches.wanted) \
         OR (state = 'made' AND made <> wanted) OR made <> (SELECT COUNT(*) FROM bearer_codes c WHERE c.batch_id = code_batches.id)",
    ),
    (
        "of every personal offer so much is taken as members took up, and no more than its budget has",
        "personal_offers",
        "taken > most OR (most_cost IS NOT NULL AND spent > most_cost) \
         OR taken <> (SELECT COUNT(*) FROM offer_takings t WHERE t.offer = personal_offers.code AND t.state IN ('active', 'given')) \
         OR spent <> (SELECT COALESCE(SUM(t.cost), 0) FROM offer_takings t WHERE t.offer = personal_offers.code \
         AND t.state IN ('active', 'given')) \
         OR activated <> (SELECT COUNT(*) FROM offer_takings t WHERE t.offer = personal_offers.code AND t.activated_at IS NOT NULL) \
         OR listed <> (SELECT COUNT(*) FROM personal_offer_members m WHERE m.offer = personal_offers.code)",
    ),
    (
        "what was taken up of a personal offer and given is a gift of it, and no other gift is one",
        "gifts",
        "why = 'offer' AND (SELECT COUNT(*) FROM offer_takings t WHERE t.gift_id = gifts.id AND t.member_id = gifts.member_id \
         AND (t.state = 'given' OR gifts.state <> 'due')) <> 1",
    ),
    (
        "what was taken up of a personal offer is given when it has its gift, and when its purchase was made or none is needed",
        "offer_takings",
        "(state = 'given') <> (gift_id IS NOT NULL AND ended_at IS NULL) OR (state IN ('lapsed', 'ended')) <> (ended_at IS NOT NULL) \
         OR (state = 'active' AND purchase_id IS NOT NULL)",
    ),
    (
        "every statement comes to what its lines say, and to what its days cost",
        "statements",
        "charge <> COALESCE((SELECT SUM(l.amount) FROM statement_lines l WHERE l.number = statements.number AND l.what = 'charge'), 0) \
         OR correction <> COALESCE((SELECT SUM(l.amount) FROM statement_lines l WHERE l.number = statements.number AND l.what = 'correction'), 0) \
         OR charge + correction <> COALESCE((SELECT SUM(CASE c.measure WHEN 'charge' THEN c.amount ELSE -c.amount END) \
         FROM cost_sums c JOIN version_costs p ON p.reward = c.reward AND p.version = c.version WHERE p.sponsor = statements.sponsor \
         AND c.measure IN ('charge', 'correction') AND c.day BETWEEN statements.from_day AND statements.to_day), 0)",
    ),
    (
        "statements of a sponsor follow one another without a gap",
        "statements",
        "from_day <> COALESCE((SELECT MAX(s.to_day) + 1 FROM statements s WHERE s.sponsor = statements.sponsor \
         AND s.to_day < statements.to_day), (SELECT MIN(d.day) FROM cost_days d))",
    ),
    (
        "what a challenge or a contest gave is a gift of it, for a goal that was reached or a place",
        "challenge_entries",
        "gift_id IS NOT NULL AND ((reached_at IS NULL AND place IS NULL) OR (SELECT COUNT(*) FROM gifts g \
         WHERE g.id = challenge_entries.gift_id AND g.member_id = challenge_entries.member_id \
         AND g.source = 'challenge:' || challenge_entries.challenge AND g.why IN ('challenge', 'contest')) <> 1)",
    ),
    (
        "every coupon goes to the voucher that names it",
        "coupons",
        "voucher_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM vouchers v WHERE v.id = coupons.voucher_id AND v.coupon_id = coupons.id)",
    ),
];

/// The promises that can be checked in the database.
///
/// # Errors
/// A fault of the database.
pub async fn verify_rows(database: &Database) -> Result<Vec<AuditRow>, Error> {
    let mut rows = Vec::new();
    for (promise, table, flaw) in PROMISES {
        let mut row = AuditRow::new(*promise);
        let (examined, differing) = auditing::flaws(database.connection(), table, flaw).await?;
        row.examined = examined;
        for _ in 0..differing {
            row.differs(format!("a row of {table}"));
        }
        rows.push(row);
    }
    rows.push(summed_days(database).await?);
    let mut row = AuditRow::new("the winners of every draw are those whom its published record gives");
    let (examined, flaws) = draw_record::recompute(database).await?;
    row.examined = examined;
    for flaw in flaws {
        row.differs(flaw);
    }
    rows.push(row);
    Ok(rows)
}

/// Whether days that are summed say what the rows say. What of a voucher lapsed unused is left out: a till may take a use back after that.
async fn summed_days(database: &Database) -> Result<AuditRow, Error> {
    let mut row =
        AuditRow::new("every day that is summed says what happened to rewards on it, and what it cost");
    let look = database.snapshot().await?;
    for day in kept::closed(&look).await? {
        row.examined += 1;
        let (sums, rows) =
            (kept::kept(&look, day.day, day.day).await?, money::of_day(&look, (day.begins, day.ends)).await?);
        if settled(&sums) != settled(&rows) {
            row.differs(day.day.to_string());
        }
    }
    look.rollback().await?;
    Ok(row)
}

fn settled(lines: &BTreeMap<Line, Sums>) -> Vec<(&Line, Measure, i64)> {
    let all =
        lines.iter().flat_map(|(line, sums)| sums.all().map(move |(measure, sum)| (line, measure, sum)));
    all.filter(|(_, measure, _)| {
        !matches!(measure, Measure::Expired | Measure::ExpiredWorth | Measure::Voided | Measure::VoidedWorth)
    })
    .collect()
}

/// Every redemption with what it costs, and whether it is completed or released; nothing while it is under way.
///
/// # Errors
/// A fault of the database.
pub async fn redemptions(database: &Database) -> Result<Vec<(RedemptionId, Points, Option<bool>)>, Error> {
    auditing::redemptions(database.connection()).await
}

/// Every redemption that was cancelled, and whether its points are back; nothing while points has not said so.
///
/// # Errors
/// A fault of the database.
pub async fn cancelled(database: &Database) -> Result<Vec<(RedemptionId, Option<bool>)>, Error> {
    auditing::cancelled(database.connection()).await
}
