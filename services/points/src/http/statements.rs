//! A member's statement of a month.

use axum::{Json, extract::State};
use kernel::{BranchCode, Day, MemberId, Points};
use locale::calendar::{from_jalali, jalali};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Bound, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, roles};
use crate::{domain::JournalKind, error, queries::statement};

pub(super) static READ: RouteSpec = RouteSpec::get(
    "/v1/members/{member_id}/statements/{month}",
    "read_statement",
    Access::MemberTillOrOperator,
)
.staff(Bound::Anywhere, roles::MEMBER_READERS)
.problems(&[&error::MEMBER_UNKNOWN, &error::MONTH_INVALID, &error::MEMBERSHIP_SILENT, &error::DATABASE_BUSY]);

/// Which calendar counts the month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MonthOf {
    /// The civil calendar: `2026-11`.
    #[default]
    Gregorian,
    /// The solar calendar of Iran: `1405-08`.
    Jalali,
}

/// How the month is counted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Counted {
    /// The month's calendar; the civil one when left out.
    #[serde(default)]
    #[param(inline)]
    calendar: MonthOf,
}

/// Events of one kind, at one branch, for one reason.
#[derive(Serialize, ToSchema)]
pub struct StatementLine {
    /// What happened.
    pub kind: JournalKind,
    /// Where; absent for what happened in no branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub branch: Option<BranchCode>,
    /// Why, for what people did by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How often.
    pub count: u64,
    /// Points that came by it, negative when they went.
    pub points: Points,
}

/// Points that lapsed together.
#[derive(Serialize, ToSchema)]
pub struct LapsedLine {
    /// The last day on which they could be spent.
    pub on: Day,
    /// How many, negative.
    pub points: Points,
}

/// A month of a member's points: opening, movements and what lapsed add up to closing.
#[derive(Serialize, ToSchema)]
pub struct MonthlyStatement {
    /// Whose.
    pub member_id: MemberId,
    /// Which month, as it was asked for.
    #[schema(example = "1405-08")]
    pub month: String,
    /// Of this calendar.
    pub calendar: MonthOf,
    /// Its first day.
    pub from: Day,
    /// Its last day.
    pub to: Day,
    /// What could be spent when it began.
    pub opening: Points,
    /// What happened, grouped.
    pub movements: Vec<StatementLine>,
    /// What lapsed, whether or not anything has written it off.
    pub lapsed: Vec<LapsedLine>,
    /// What could be spent when it was over; as of now for the month that is running.
    pub closing: Points,
}

/// Read a statement
///
/// A month of the chain's wall clock. Points lapse in it at the end of their last day, whenever they are written off.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/statements/{month}", operation_id = "read_statement", tag = "accounts",
    params(
        ("member_id" = MemberId, Path, description = "The member."),
        ("month" = String, Path, description = "Year and month, `2026-11`, or `1405-08` with `calendar=jalali`.", example = "2026-11"),
        Counted,
    ),
    responses((status = 200, description = "The statement.", body = MonthlyStatement))
)]
pub(super) async fn read_statement(
    State(counter): State<Counter>,
    PathParams((member_id, month)): PathParams<(MemberId, String)>,
    QueryParams(Counted { calendar }): QueryParams<Counted>,
) -> Result<Json<MonthlyStatement>, Problem> {
    let today = counter.chain.local(counter.clock.now(), None).day;
    let [first, next] = days_of(&month, calendar)
        .filter(|[first, _]| *first <= today)
        .ok_or_else(|| Problem::new(&error::MONTH_INVALID))?;
    let found = statement::read(&counter.database, &counter.chain, member_id, [first, next], today).await;
    let found = found.map_err(error::fault)?;
    if found.groups.is_empty() && found.sums.opening.is_zero() && !counter.knows(member_id).await? {
        return Err(Problem::new(&error::MEMBER_UNKNOWN));
    }
    let movements = found.groups.into_iter().map(|((kind, branch, reason), (count, points))| StatementLine {
        kind,
        branch,
        reason,
        count,
        points,
    });
    Ok(Json(MonthlyStatement {
        member_id,
        month,
        calendar,
        from: first,
        to: Day::from_number(next.number() - 1),
        opening: found.sums.opening,
        movements: movements.collect(),
        lapsed: found.sums.lapsed.into_iter().map(|(on, points)| LapsedLine { on, points }).collect(),
        closing: found.sums.closing,
    }))
}

/// The first day of a month and of the next one; `None` for what is no month.
fn days_of(month: &str, calendar: MonthOf) -> Option<[Day; 2]> {
    let first_of = |month: &str| Day::parse(&format!("{month}-01")).ok();
    match calendar {
        MonthOf::Gregorian => {
            let first = first_of(month)?;
            Some([first, first.plus_months(1)])
        }
        MonthOf::Jalali => {
            let shape = first_of(month).is_some() && !month.starts_with(['+', '-']);
            let (year, number) = month.split_once('-').filter(|_| shape)?;
            let (year, number): (i32, u8) = (year.parse().ok()?, number.parse().ok()?);
            let first = from_jalali(year, number, 1).filter(|day| jalali(*day).year == year)?;
            let next =
                if number == 12 { from_jalali(year + 1, 1, 1) } else { from_jalali(year, number + 1, 1) };
            Some([first, next?])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_days_in_both_calendars() {
        let day = |text| Day::parse(text).expect("a day");
        let table = [
            ("2026-11", MonthOf::Gregorian, Some(["2026-11-01", "2026-12-01"])),
            ("2026-12", MonthOf::Gregorian, Some(["2026-12-01", "2027-01-01"])),
            ("1405-08", MonthOf::Jalali, Some(["2026-10-23", "2026-11-22"])),
            ("1403-12", MonthOf::Jalali, Some(["2025-02-19", "2025-03-21"])),
            ("2026-13", MonthOf::Gregorian, None),
            ("2026-1", MonthOf::Gregorian, None),
            ("1405-13", MonthOf::Jalali, None),
            ("1405-8", MonthOf::Jalali, None),
            ("+140-08", MonthOf::Jalali, None),
            ("month", MonthOf::Jalali, None),
        ];
        for (month, calendar, days) in table {
            assert_eq!(days_of(month, calendar), days.map(|days| days.map(day)), "{month}");
        }
    }
}
