//! Ledger scenarios as tables: `tests/ledger/*.txt`, which an accountant can extend (see `README.md` there).

use std::path::PathBuf;

use crate::{scenario::Scenario, shop::Shop};

fn files() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/ledger");
    let listed = std::fs::read_dir(folder).expect("the folder of scenarios");
    let mut files: Vec<_> = listed.map(|file| file.expect("a file").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    files
}

async fn play(shop: impl AsyncFn() -> Shop) {
    let files = files();
    assert!(files.len() >= 6, "the scenarios are gone: {files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).expect("readable");
        let scenario = Scenario::parse(&file.display().to_string(), &text);
        scenario.play(&shop().await).await;
    }
}

#[tokio::test]
async fn every_scenario_of_the_ledger_ends_as_its_table_says_on_sqlite() {
    play(Shop::on_sqlite).await;
}

#[tokio::test]
async fn every_scenario_of_the_ledger_ends_as_its_table_says_on_postgres() {
    play(Shop::on_postgres).await;
}

#[tokio::test]
#[should_panic(expected = "balance")]
async fn a_table_with_a_wrong_balance_fails() {
    let text = "expiry 12 months\nrule base: 1 point per 10000\n\n\
                day | member | does | branch | amount | earns | balance | version | lots\n\
                2026-11-21 | zahra | buys | vanak | 50000 | 5 | 6 | 1 | 2027-11-21 vanak 5\n";
    Scenario::parse("planted", text).play(&Shop::on_sqlite().await).await;
}
