//! Reads and plays a table of the ledger.

use kernel::{BranchCode, Clock as _, Day, IdentifierKind, MemberId, Timestamp};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::{
    rule_text::read_rule,
    shop::{Shop, member, programme},
};

/// A table with the programme that it is played under.
pub struct Scenario {
    name: String,
    programme: Value,
    steps: Vec<Step>,
}

struct Step {
    line: usize,
    cells: Vec<String>,
}

/// The columns, in order.
const COLUMNS: [&str; 9] =
    ["day", "member", "does", "branch", "amount", "earns", "balance", "version", "lots"];

impl Scenario {
    pub fn parse(name: &str, text: &str) -> Self {
        let mut rules = Vec::new();
        let mut months = None;
        let mut steps = Vec::new();
        let lines = text.lines().enumerate().map(|(n, line)| (n + 1, line.trim()));
        for (line, content) in lines.filter(|(_, content)| !content.is_empty() && !content.starts_with('#')) {
            if let Some(said) = content.strip_prefix("expiry ") {
                months = said.split_whitespace().next().and_then(|n| n.parse::<u32>().ok());
            } else if let Some(said) = content.strip_prefix("rule ") {
                rules.push(read_rule(said).unwrap_or_else(|| panic!("{name}:{line}: no rule: {said}")));
            } else {
                let cells: Vec<String> = content.split('|').map(|cell| cell.trim().to_owned()).collect();
                assert_eq!(cells.len(), COLUMNS.len(), "{name}:{line}: the columns are {COLUMNS:?}");
                if cells[0] != "day" {
                    steps.push(Step { line, cells });
                }
            }
        }
        let mut programme = programme(&rules);
        match months {
            Some(months) => programme["expiry"] = json!({ "months": months }),
            None => drop(programme.as_object_mut().and_then(|fields| fields.remove("expiry"))),
        }
        Self { name: name.to_owned(), programme, steps }
    }

    /// Plays it; the books must be sound after every step.
    pub async fn play(&self, shop: &Shop) {
        shop.operator().put("/v1/programme", self.programme.clone()).await.expect(201);
        let mut members: Vec<String> = Vec::new();
        for step in &self.steps {
            let name = step.cell("member");
            if !members.iter().any(|known| known == name) {
                members.push(name.to_owned());
                shop.joined(
                    member(100 + members.len() as u128),
                    &phone(members.len()),
                    IdentifierKind::Phone,
                )
                .await;
            }
            let number = members.iter().position(|known| known == name).expect("just added") + 1;
            self.take(shop, step, number).await;
            shop.holds().await;
        }
    }

    async fn take(&self, shop: &Shop, step: &Step, number: usize) {
        let at = format!("{}:{}", self.name, step.line);
        let day = step.cell("day");
        // Noon in Tehran.
        let noon =
            Timestamp::parse(&format!("{day}T12:00:00+03:30")).unwrap_or_else(|_| panic!("{at}: {day}"));
        shop.clock.advance_millis(noon.millis_since(shop.clock.now()));
        let id = member(100 + number as u128);
        match step.cell("does").split_once(' ').unwrap_or((step.cell("does"), "")) {
            ("buys", said) => {
                let branch = step.cell("branch");
                let mut body = json!({
                    "member": {"phone": phone(number)}, "receipt": format!("L{}", step.line), "currency": "IRR",
                    "occurred_at": noon.to_string(), "amount": step.number("amount").unwrap_or_else(|| panic!("{at}: an amount")),
                });
                say(&mut body, said).unwrap_or_else(|| panic!("{at}: what does it say? {said}"));
                let answer = shop.till_of(branch, "till-1").buy(&format!("key-{}", step.line), &body).await;
                let answer = answer.expect(201);
                assert_eq!(answer["points"].as_i64(), step.number("earns"), "{at}: earns");
                assert_eq!(answer["balance"]["points"].as_i64(), step.number("balance"), "{at}: balance");
            }
            ("has", _) => {}
            other => panic!("{at}: somebody `buys` or `has`, not {other:?}"),
        }
        let balance = shop.operator().balance(id).await;
        assert_eq!(balance["points"].as_i64(), step.number("balance"), "{at}: balance");
        assert_eq!(balance["account_version"].as_i64(), step.number("version"), "{at}: version");
        assert_eq!(lots(shop, id).await, step.cell("lots"), "{at}: lots");
    }
}

impl Step {
    fn cell(&self, column: &str) -> &str {
        let place = COLUMNS.iter().position(|name| *name == column).expect("a column");
        &self.cells[place]
    }

    fn number(&self, column: &str) -> Option<i64> {
        self.cell(column).replace(['_', ','], "").parse().ok()
    }
}

/// What else a purchase says: `via app paid card`, and lines as `sku/category*units=amount`.
fn say(body: &mut Value, said: &str) -> Option<()> {
    let mut words = said.split_whitespace();
    let mut lines = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "via" => body["channel"] = words.next()?.into(),
            "paid" => body["payment"] = words.next()?.into(),
            line => {
                let (item, amount) = line.split_once('=')?;
                let (item, units) = item.split_once('*').unwrap_or((item, "1"));
                let (sku, category) = item.split_once('/').map_or((item, None), |(sku, of)| (sku, Some(of)));
                let milli: i64 = format!("{units}000").parse().ok()?;
                let mut line =
                    json!({"sku": sku, "quantity_milli": milli, "amount": amount.parse::<i64>().ok()?});
                if let Some(category) = category {
                    line["category"] = category.into();
                }
                lines.push(line);
            }
        }
    }
    body["lines"] = lines.into();
    Some(())
}

fn phone(number: usize) -> String {
    format!("+98912555{number:04}")
}

/// The lots in the books: `2027-11-21 vanak 5, 2027-12-01 tajrish 10`.
async fn lots(shop: &Shop, of: MemberId) -> String {
    let on = shop.database.connection();
    let sql = "SELECT expires_on, funder, points FROM lots WHERE member_id = $1 ORDER BY expires_on, funder";
    let query = Statement::from_sql_and_values(on.get_database_backend(), sql, [of.as_uuid().into()]);
    let rows = on.query_all_raw(query).await.expect("the SQL runs");
    let lots = rows.iter().map(|row| {
        let day: i32 = row.try_get_by_index(0).expect("a day");
        let funder: String = row.try_get_by_index(1).expect("a funder");
        let points: i64 = row.try_get_by_index(2).expect("points");
        let day = if day == i32::MAX { "never".to_owned() } else { Day::from_number(day).to_string() };
        format!("{day} {} {points}", BranchCode::parse(&funder).expect("a code"))
    });
    lots.collect::<Vec<_>>().join(", ")
}
