//! Planted bugs of a database kind: the same deeds on the same tables as someone writes them who reads, decides and writes
//! at READ COMMITTED, without a lock and without looking at the version.

use crate::rig::Rig;

/// Takes points of a member, for nobody or for another one who gets them; answers whether it was done.
pub async fn moves(rig: &Rig, from: &str, to: Option<&str>, points: i64, pause_ms: u32) -> bool {
    let pause = f64::from(pause_ms) / 1_000.0;
    let given = to.map_or_else(String::new, |to| {
        format!("UPDATE accounts SET balance = got + {points} WHERE member_id = '{to}';")
    });
    let sql = format!(
        "DO $$ DECLARE has bigint; got bigint; BEGIN \
         SELECT balance INTO has FROM accounts WHERE member_id = '{from}'; \
         SELECT balance INTO got FROM accounts WHERE member_id = '{}'; \
         IF has < {points} THEN RAISE EXCEPTION 'too few'; END IF; \
         PERFORM pg_sleep({pause}); \
         UPDATE accounts SET balance = has - {points} WHERE member_id = '{from}'; {given} END $$",
        to.unwrap_or(from)
    );
    rig.ask("points", &sql).await.is_ok()
}
