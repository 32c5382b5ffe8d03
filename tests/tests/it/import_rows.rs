//! Rows that cannot be recorded are reported one by one; a stopped import goes on where it was (G3).

use std::{
    fmt::Write as _,
    fs,
    process::Stdio,
    time::{Duration, Instant},
};

use journeys::{Stage, alone_in_both_shapes};
use kernel::Language;
use locale::digits::number;

alone_in_both_shapes!(&[];
    bad_rows_are_reported_with_their_reasons_and_good_ones_are_recorded,
    an_import_that_was_killed_goes_on_where_it_was,
    returns_find_their_purchases_and_what_is_of_none_is_reported,
    an_import_of_returns_that_was_killed_takes_nothing_twice,
);

const HEADER: &str = "basket_id,customer_id,store_id,occurred_at,amount,items\n";

async fn bad_rows_are_reported_with_their_reasons_and_good_ones_are_recorded(stage: Stage) {
    stage.publish(&[]).await;
    let at = "2025-03-01T10:00:00+03:30";
    let rows = [
        format!("b1,c1,tehran-1,{at},1500.00,3"),
        format!("b2,c1,tehran-1,{at},-20.00,1"),
        format!("b3,c2,tehran-1,{at},abc,1"),
        format!("b4,c2,tehran-1,{at},1.001,1"),
        "b5,c2,tehran-1,2025-03-01,10.00,1".to_owned(),
        format!("b1,c1,tehran-1,{at},1700.00,3"),
        format!("b7,c2,{},{at},10.00,1", "long".repeat(9)),
        format!("b8,c2,tehran-1,{at},99999999999.00,1"),
        "b9,c2".to_owned(),
        format!("b10,c2,shiraz/1,{at},10.00,1"),
        format!("b1,c1,tehran-1,{at},1500.00,3"),
        format!("b12,c2,Tehran-1,{at},250.00,1"),
    ];
    fs::write(stage.folder().join("rows.csv"), format!("{HEADER}{}\n", rows.join("\n"))).unwrap();
    let done = stage.vafa(&["import", "purchases", "rows.csv", "--region", "old-shops"]).await.ended_with(1);
    let report = fs::read_to_string(stage.folder().join("rows.csv.refused.csv")).unwrap();
    assert_eq!(
        codes(&report),
        [
            ("3", "b2", "import.return_not_taken"),
            ("4", "b3", "import.amount_malformed"),
            ("5", "b4", "import.amount_too_fine"),
            ("6", "b5", "import.time_malformed"),
            ("7", "b1", "points.receipt_taken"),
            ("8", "b7", "import.store_malformed"),
            ("9", "b8", "points.amount_too_large"),
            ("10", "b9", "import.row_malformed"),
            ("11", "b10", "import.store_malformed"),
        ],
        "{report}"
    );
    for line in
        ["recorded         2 (1,750.00 IRR)", "recorded before  1 (1,500.00 IRR)", "refused          9"]
    {
        assert!(done.out.contains(line), "{line} is not in:\n{}", done.out);
    }
    let branch = stage.as_operator().get("/v1/branches/store-tehran-1").await.ok();
    assert_eq!(branch["region"], "old-shops");

    let wrong = stage.vafa(&["import", "purchases", "nothing.csv"]).await.ended_with(2);
    assert!(wrong.errors.contains("nothing.csv"), "{}", wrong.errors);
    let wrong = stage.vafa(&["import", "purchases", "rows.csv", "--currency", "EUR"]).await.ended_with(2);
    assert!(wrong.errors.contains("the programme counts in IRR"), "{}", wrong.errors);
    let words = ["import", "purchases", "rows.csv", "--operator-key", "no-such-key"];
    let wrong = stage.vafa(&words).await.ended_with(2);
    assert!(wrong.errors.contains("gateway.key_unknown"), "{}", wrong.errors);
}

/// Line, basket and code of each row of a report.
fn codes(report: &str) -> Vec<(&str, &str, &str)> {
    let row = |line| {
        let mut fields = str::splitn(line, 4, ',');
        (fields.next().unwrap(), fields.next().unwrap(), fields.next().unwrap())
    };
    report.lines().skip(1).map(row).collect()
}

/// Writes a file of rows: basket, customer, day of March, amount.
fn write_rows(stage: &Stage, name: &str, rows: &[(&str, &str, u8, &str)]) {
    let mut text = HEADER.to_owned();
    for (basket, customer, day, amount) in rows {
        writeln!(text, "{basket},{customer},tehran-1,2025-03-{day:02}T10:00:00+03:30,{amount},1").unwrap();
    }
    fs::write(stage.folder().join(name), text).unwrap();
}

/// Points and debt of the customer of this number.
async fn balance(stage: &Stage, customer: u64) -> (u64, u64) {
    let phone = serde_json::json!({"phone": locale::phone::test_number(customer)});
    let call = vafa::client::Call::post("/v1/members/lookup").json(&phone);
    let member = stage.as_operator().send(call).await.ok();
    let path = format!("/v1/members/{}/balance", member["member_id"].as_str().unwrap());
    let balance = stage.as_operator().get(path).await.ok();
    (balance["points"].as_u64().unwrap(), balance["debt"].as_u64().unwrap_or_default())
}

const RETURNS: &[(&str, &str, u8, &str)] = &[
    // Of the newest purchase before it that is large enough; of several when none is.
    ("c1", "1", 5, "-300.00"),
    ("c2", "1", 6, "-250.00"),
    ("c3", "1", 7, "-80.00"),
    // Before the customer bought anything; by a customer whom nobody knows.
    ("c4", "2", 1, "-70.00"),
    ("c5", "3", 5, "-10.00"),
    ("c6", "2", 5, "70.00"),
    ("c7", "2", 5, "-0.00"),
    ("c8", "2", 5, "-70.00"),
    ("c1", "1", 8, "-1.00"),
];

async fn returns_find_their_purchases_and_what_is_of_none_is_reported(stage: Stage) {
    stage.publish(&[]).await;
    let bought = [
        ("b1", "1", 1, "500.00"),
        ("b2", "1", 3, "100.00"),
        ("b3", "1", 9, "900.00"),
        ("b4", "2", 2, "70.00"),
    ];
    write_rows(&stage, "bought.csv", &bought);
    let _ = stage.vafa(&["import", "purchases", "bought.csv"]).await.ended_with(0);
    let before = balance(&stage, 1).await;
    write_rows(&stage, "back.csv", RETURNS);
    let first = stage.vafa(&["import", "returns", "back.csv"]).await.ended_with(1);
    let report = fs::read_to_string(stage.folder().join("back.csv.refused.csv")).unwrap();
    assert_eq!(
        codes(&report),
        [
            ("4", "c3", "import.purchase_not_found"),
            ("5", "c4", "import.purchase_not_found"),
            ("6", "c5", "import.customer_unknown"),
            ("7", "c6", "import.sale_not_taken"),
            ("8", "c7", "import.sale_not_taken"),
            ("10", "c1", "points.receipt_taken"),
        ],
        "{report}"
    );
    assert!(report.contains("30.00 of it: all that is known"), "{report}");
    for line in [
        "recorded         3 (670.00 IRR)",
        "recorded before  0 (0.00 IRR)",
        "in part          1",
        "of no purchase   2 (110.00 IRR)",
        "refused          3",
        "returned         670.00 IRR",
    ] {
        assert!(first.out.contains(line), "{line} is not in:\n{}", first.out);
    }
    // 300 of b1; 100 of b2 and 150 of b1; 50 of b1 and nothing more: b3 came later.
    let after = balance(&stage, 1).await;
    assert_eq!((before.0 - after.0, after.1), (60, 0));
    assert_eq!(balance(&stage, 2).await, (0, 0));
    let again = stage.vafa(&["import", "returns", "back.csv"]).await.ended_with(1);
    for line in ["recorded         0 (0.00 IRR)", "recorded before  3 (670.00 IRR)", "in part          1"] {
        assert!(again.out.contains(line), "{line} is not in:\n{}", again.out);
    }
    assert_eq!(balance(&stage, 1).await, after);
    // Earlier purchases come in late: what was of none finds them.
    write_rows(&stage, "earlier.csv", &[("a1", "1", 1, "40.00")]);
    let _ = stage.vafa(&["import", "purchases", "earlier.csv"]).await.ended_with(0);
    let late = stage.vafa(&["import", "returns", "back.csv"]).await.ended_with(1);
    assert!(late.out.contains("recorded         1 (30.00 IRR)"), "{}", late.out);
}

async fn an_import_of_returns_that_was_killed_takes_nothing_twice(stage: Stage) {
    stage.publish(&[]).await;
    let (mut bought, mut back) = (HEADER.to_owned(), HEADER.to_owned());
    for row in 0..800 {
        let (customer, day) = (row % 37, row % 14 + 1);
        writeln!(bought, "r{row},{customer},1,2025-02-{day:02}T10:00:00Z,25.00,1").unwrap();
        writeln!(back, "c{row},{customer},1,2025-02-{:02}T10:00:00Z,-10.00,1", day + 14).unwrap();
    }
    fs::write(stage.folder().join("bought.csv"), bought).unwrap();
    fs::write(stage.folder().join("back.csv"), back).unwrap();
    let _ = stage.vafa(&["import", "purchases", "bought.csv"]).await.ended_with(0);
    killed_on_the_way(&stage, &["import", "returns", "back.csv"], "back.csv.refused.state.json").await;
    let done = stage.vafa(&["import", "returns", "back.csv"]).await.ended_with(0);
    assert!(done.out.contains("An earlier run was stopped after"), "{}", done.out);
    for line in ["rows             800", "of no purchase   0 (0.00 IRR)", "returned         8,000.00 IRR"] {
        assert!(done.out.contains(line), "{line} is not in:\n{}", done.out);
    }
    let again = stage.vafa(&["import", "returns", "back.csv"]).await.ended_with(0);
    assert!(again.out.contains("recorded before  800 (8,000.00 IRR)"), "{}", again.out);
}

/// Begins an import and kills it once it has written down how far it is.
async fn killed_on_the_way(stage: &Stage, words: &[&str], state: &str) {
    let mut command = stage.program().command(words);
    command.current_dir(stage.folder()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut import = command.spawn().unwrap();
    let begun = Instant::now();
    while !stage.folder().join(state).exists() {
        assert!(begun.elapsed() < Duration::from_mins(1) && import.try_wait().unwrap().is_none());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    import.kill().unwrap();
    import.wait().unwrap();
}

async fn an_import_that_was_killed_goes_on_where_it_was(stage: Stage) {
    const ROWS: u64 = 4_000;
    stage.publish(&[]).await;
    let mut text = HEADER.to_owned();
    for row in 0..ROWS {
        let (customer, store, day) = (row % 37, row % 5, row % 28 + 1);
        writeln!(text, "r{row},{customer},{store},2025-02-{day:02}T10:00:00Z,12.50,1").unwrap();
    }
    fs::write(stage.folder().join("rows.csv"), text).unwrap();
    let words = ["import", "purchases", "rows.csv"];
    let state = stage.folder().join("rows.csv.refused.state.json");
    killed_on_the_way(&stage, &words, "rows.csv.refused.state.json").await;

    let done = stage.vafa(&words).await.ended_with(0);
    assert!(done.out.contains("An earlier run was stopped after"), "{}", done.out);
    for line in [format!("rows             {}", number(4_000, Language::En)), "refused          0".to_owned()]
    {
        assert!(done.out.contains(&line), "{line} is not in:\n{}", done.out);
    }
    assert!(!state.exists());
    // Each counted once: 4,000 purchases of 1,250 minor units, a point each.
    let mut points = 0;
    for customer in 0..37 {
        points += balance(&stage, customer).await.0;
    }
    assert_eq!(points, ROWS);
}
