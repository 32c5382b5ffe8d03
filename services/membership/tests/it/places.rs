//! Regions and branches.

use serde_json::json;

use crate::club::{Club, on_both};

on_both! {
    async fn a_chain_is_sent_again_and_only_changes_are_told(club: Club) {
        let operator = club.operator();
        let names = json!({"names": {"fa": " تهران ", "en": "Tehran"}});
        let opened = operator.put("/v1/regions/tehran", names.clone()).await.expect(201);
        assert_eq!(opened["names"], json!({"fa": "تهران", "en": "Tehran"}));
        assert_eq!(operator.put("/v1/regions/tehran", names).await.expect(200)["version"], 1);
        let renamed = json!({"names": {"ar": "طهران"}});
        assert_eq!(operator.put("/v1/regions/tehran", renamed).await.expect(200)["version"], 2);

        let branch = json!({"region": "tehran", "names": {"fa": "ونک"}});
        operator.put("/v1/branches/vanak", branch.clone()).await.expect(201);
        operator.put("/v1/branches/vanak", branch).await.expect(200);
        operator.put("/v1/regions/alborz", json!({"names": {"fa": "البرز"}})).await.expect(201);
        let moved = json!({"region": "alborz", "names": {"fa": "ونک"}, "time_zone": "Asia/Dubai"});
        let moved = operator.put("/v1/branches/vanak", moved).await.expect(200);
        assert_eq!((&moved["region"], &moved["time_zone"]), (&json!("alborz"), &json!("Asia/Dubai")));

        let told = ["region_opened 1", "region_opened 2", "branch_opened 1", "region_opened 1", "branch_opened 2"];
        assert_eq!(club.told().await, told);
        assert_eq!(club.till().get("/v1/branches/vanak").await.expect(200)["version"], 2);
    }

    async fn a_branch_needs_a_region_that_is_open(club: Club) {
        let branch = json!({"region": "nowhere", "names": {"en": "Shop"}});
        let refusal = club.operator().put("/v1/branches/shop", branch).await;
        let refusal = refusal.refused(422, "membership.region_unknown");
        assert_eq!(refusal["pointer"], "/region");
        assert!(club.told().await.is_empty());
        club.operator().get("/v1/branches/shop").await.refused(404, "membership.branch_unknown");
    }

    async fn lists_come_in_pages_by_code(club: Club) {
        let operator = club.operator();
        for region in ["r3", "r1", "r2"] {
            operator.put(&format!("/v1/regions/{region}"), json!({"names": {"en": region}})).await.expect(201);
        }
        for branch in ["b5", "b4", "b3", "b2", "b1"] {
            let body = json!({"region": if branch == "b1" { "r2" } else { "r1" }, "names": {"en": branch}});
            operator.put(&format!("/v1/branches/{branch}"), body).await.expect(201);
        }
        let first = club.till().get("/v1/branches?limit=2&region=r1").await.expect(200);
        assert_eq!((&first["branches"][0]["branch"], &first["has_more"]), (&json!("b2"), &json!(true)));
        let cursor = first["next_cursor"].as_str().expect("a cursor");
        let rest = club.till().get(&format!("/v1/branches?region=r1&cursor={cursor}")).await.expect(200);
        assert_eq!((&rest["branches"][0]["branch"], &rest["has_more"]), (&json!("b4"), &json!(false)));
        assert!(rest["next_cursor"].is_null());
        let regions = operator.get("/v1/regions").await.expect(200);
        let codes: Vec<_> = regions["regions"].as_array().expect("a list").iter().map(|r| &r["region"]).collect();
        assert_eq!(codes, ["r1", "r2", "r3"]);
        operator.get("/v1/regions?limit=0").await.refused(400, "membership.limit_out_of_range");
        operator.get("/v1/regions?cursor=x").await.refused(400, "membership.cursor_invalid");
    }

    async fn parallel_openings_make_one_region(club: Club) {
        let operator = club.operator();
        let open = || operator.put("/v1/regions/same", json!({"names": {"en": "Same"}}));
        let (a, b, c, d) = tokio::join!(open(), open(), open(), open());
        let mut statuses = [a.status, b.status, c.status, d.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 200, 201]);
        assert_eq!(club.told().await, ["region_opened 1"]);
    }

    async fn other_services_ask_for_a_branch(club: Club) {
        let club = club.with_places().await;
        let branch = club.service().get("/internal/v1/branches/tehran-vanak").await.expect(200);
        assert_eq!((&branch["region"], &branch["time_zone"]), (&json!("tehran"), &json!("Asia/Tehran")));
        club.operator().get("/internal/v1/branches/tehran-vanak").await.refused(403, "web.access_denied");
    }
}
