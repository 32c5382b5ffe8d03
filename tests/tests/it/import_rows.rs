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
    let codes: Vec<(&str, &str, &str)> = report
        .lines()
        .skip(1)
        .map(|line| {
            let mut fields = line.splitn(4, ',');
            (fields.next().unwrap(), fields.next().unwrap(), fields.next().unwrap())
        })
        .collect();
    assert_eq!(
        codes,
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
    let mut command = stage.program().command(&words);
    command.current_dir(stage.folder()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut import = command.spawn().unwrap();
    let state = stage.folder().join("rows.csv.refused.state.json");
    let begun = Instant::now();
    while !state.exists() {
        assert!(begun.elapsed() < Duration::from_mins(1) && import.try_wait().unwrap().is_none());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    import.kill().unwrap();
    import.wait().unwrap();

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
        let phone = serde_json::json!({"phone": locale::phone::test_number(customer)});
        let call = vafa::client::Call::post("/v1/members/lookup").json(&phone);
        let member = stage.as_operator().send(call).await.ok();
        let path = format!("/v1/members/{}/balance", member["member_id"].as_str().unwrap());
        points += stage.as_operator().get(path).await.ok()["points"].as_u64().unwrap();
    }
    assert_eq!(points, ROWS);
}
