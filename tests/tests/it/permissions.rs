//! Who may call what: every route of every service, called by everybody (promise 19).
//!
//! What is expected follows from one table, the routes' own access rules; the calls go through the gateway in both
//! shapes. A call that is let in may still be refused for what it says: here it only matters that it was let in.

use http::Method;
use journeys::{Branch, Goods, Operator, Person, SignedIn, Stage, alone_in_both_shapes, fresh, now};
use kernel::{Role, Scope};
use serde_json::json;
use vafa::client::Call;
use web::{Access, Bound, Ownership, RouteSpec, Verb};

alone_in_both_shapes!(
    &[
        ("gateway.anonymous_burst", "10000"),
        ("gateway.member_burst", "10000"),
        ("gateway.staff_burst", "10000"),
        ("gateway.partner_burst", "10000"),
        ("gateway.stranger_burst", "10000"),
        ("membership.password_memory_kib", "1024"),
        ("membership.passwords_at_once", "8"),
    ];
    everybody_may_do_what_the_routes_say_and_nothing_else,
);

const NOBODY: &str = "0192f3a1-7c00-7000-8000-00000000dead";

/// Somebody who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Anonymous,
    /// With the header by which the gateway speaks for others.
    Impostor,
    RevokedTill,
    SpoiltToken,
    EndedSession,
    /// With a token of a staff session that was ended.
    EndedStaff,
    /// With a token that nobody of the staff has.
    UnknownStaff,
    /// With a partner's key that was revoked.
    RevokedPartner,
    Till,
    /// A till of another branch than the one where the things are.
    TillElsewhere,
    /// A member, about another member.
    Neighbour,
    /// A member, about themselves.
    Member,
    Operator,
    /// A partner whose key has this scope alone.
    Partner(Scope),
    /// Somebody of the staff, whose role holds there.
    Staff(Role, Held),
}

/// Where a role holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Everywhere,
    /// In the region of the branch where the things are.
    InTheRegion,
    /// At the branch where the things are.
    Here,
    /// At another branch of another region.
    Elsewhere,
}

const HELD: [Held; 4] = [Held::Everywhere, Held::InTheRegion, Held::Here, Held::Elsewhere];

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    LetIn,
    /// 401 by the caller.
    Unknown,
    /// 403.
    Denied,
    /// 404: a till is not told of what is another branch's.
    Hidden,
}

/// The table: whom each sort of access lets in. A bad credential is refused wherever it is shown.
fn expected(spec: &RouteSpec, who: Who) -> Outcome {
    use Access::{Anyone, Member, MemberOrOperator, MemberTillOrOperator, Operator, Till, TillOrOperator};
    let bad = matches!(
        who,
        Who::RevokedTill
            | Who::SpoiltToken
            | Who::EndedSession
            | Who::EndedStaff
            | Who::UnknownStaff
            | Who::RevokedPartner
    );
    let stranger = matches!(who, Who::Anonymous | Who::Impostor);
    if bad || (stranger && spec.access != Anyone) {
        return Outcome::Unknown;
    }
    if let Who::Staff(role, held) = who {
        return expected_of_staff(spec, role, held);
    }
    if let Who::Partner(scope) = who {
        let opens = spec.access == Anyone || spec.scope == Some(scope);
        return if opens { Outcome::LetIn } else { Outcome::Denied };
    }
    let of_a_branch = spec.staff.is_some_and(|policy| policy.bound == Bound::Handler);
    if who == Who::TillElsewhere && of_a_branch && spec.access == TillOrOperator {
        return Outcome::Hidden;
    }
    let lets_in: &[Access] = match who {
        Who::Till | Who::TillElsewhere => &[Anyone, Till, TillOrOperator, MemberTillOrOperator],
        Who::Member => &[Anyone, Member, MemberOrOperator, MemberTillOrOperator],
        Who::Operator => &[Anyone, Operator, TillOrOperator, MemberOrOperator, MemberTillOrOperator],
        // What the path does not name, the handler finds out; such routes have tests of their own.
        Who::Neighbour if spec.ownership == Ownership::Handler => {
            &[Member, MemberOrOperator, MemberTillOrOperator]
        }
        _ => &[Anyone],
    };
    if lets_in.contains(&spec.access) { Outcome::LetIn } else { Outcome::Denied }
}

/// The same for staff: by role, and as far as the grant must reach.
fn expected_of_staff(spec: &RouteSpec, role: Role, held: Held) -> Outcome {
    let reaches = |bound| match bound {
        Bound::Chain => held == Held::Everywhere,
        Bound::Anywhere => true,
        Bound::Branch | Bound::Handler => held != Held::Elsewhere,
    };
    let policy = spec.staff.filter(|policy| policy.roles.contains(&role) && reaches(policy.bound));
    if spec.access == Access::Anyone || policy.is_some() { Outcome::LetIn } else { Outcome::Denied }
}

/// Things of one branch, whose ids stand in paths.
struct Things {
    member: String,
    branch: Branch,
    purchase: String,
    give_back: String,
    /// A till's key that was revoked, so that revoking it again changes nothing.
    key: String,
}

/// The path with something in every place.
fn path(spec: &RouteSpec, things: &Things) -> String {
    let place = |name: &str| match name {
        "member_id" => things.member.clone(),
        "branch" => things.branch.code.clone(),
        "purchase_id" => things.purchase.clone(),
        "return_id" => things.give_back.clone(),
        "key_id" => things.key.clone(),
        "region" | "till" | "segment" | "partner" | "reward" => "none-such".to_owned(),
        "month" => "2026-01".to_owned(),
        "valid_from" => "2026-01-01".to_owned(),
        "version" => "99".to_owned(),
        _ => NOBODY.to_owned(),
    };
    let mut parts = spec.path.split('{');
    let mut path = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap();
        path.push_str(&place(name));
        path.push_str(rest);
    }
    path
}

fn call(spec: &RouteSpec, things: &Things) -> Call {
    let method: Method = spec.verb.name().parse().unwrap();
    let call = Call::new(method, path(spec, things));
    match spec.verb {
        Verb::Get => call,
        // Nothing that could be done is said, so that nothing is done.
        _ => call.idempotency_key(&fresh("key")).raw("application/json", "{\"no\":".to_owned()),
    }
}

struct Cast {
    member: SignedIn,
    neighbour: SignedIn,
    ended: SignedIn,
    till: String,
    elsewhere: String,
    revoked: String,
    operator: String,
    ended_staff: String,
    staff: Vec<(Role, Held, Person)>,
    partners: Vec<(Scope, String)>,
    revoked_partner: String,
    things: Things,
}

/// A person for each role and each place where it may hold.
async fn everybody_of_the_staff(
    operator: &Operator,
    here: &Branch,
    far: &Branch,
) -> Vec<(Role, Held, Person)> {
    let mut staff = Vec::new();
    for role in Role::ALL {
        for held in HELD {
            let grant = match held {
                Held::Everywhere => json!({"role": role}),
                Held::InTheRegion => json!({"role": role, "region": here.region}),
                Held::Here => json!({"role": role, "branch": here.code}),
                Held::Elsewhere => json!({"role": role, "branch": far.code}),
            };
            staff.push((role, held, operator.hire(&[grant]).await));
        }
    }
    staff
}

/// The key of a partner for each scope, and one that was revoked.
async fn partners_and_a_foe(operator: &Operator) -> (Vec<(Scope, String)>, String) {
    let mut partners = Vec::new();
    for scope in Scope::ALL {
        partners.push((scope, operator.befriend(&[scope.word()], &[]).await.key));
    }
    let foe = operator.befriend(&[], &[]).await;
    let end = Call::delete(format!("/v1/partner-keys/{}", foe.key_id));
    assert_eq!(operator.send(end).await.status(), 204);
    (partners, foe.key)
}

impl Cast {
    async fn of(stage: &Stage) -> Self {
        let operator = stage.as_operator();
        stage.publish(&[]).await;
        let till = operator.open_shop().await;
        let revoked = operator.enrol_till(&till.branch).await;
        let gone = operator.send(Call::delete(format!("/v1/till-keys/{}", revoked.key_id))).await;
        assert_eq!(gone.status(), 204);
        let (phone, of) = till.welcome().await;
        let (other, _) = till.welcome().await;
        let goods = Goods::by_phone(&phone, 10_000);
        let bought = till.sell(&goods).await.created();
        let back = json!({
            "purchase": {"till": till.code, "receipt": goods.0["receipt"]},
            "receipt": fresh("back"), "occurred_at": now(), "currency": goods.0["currency"], "amount": 1_000,
        });
        let returned = till.give_back(&fresh("key"), &back).await.created();
        let text = |body: &serde_json::Value, name: &str| body[name].as_str().unwrap().to_owned();
        let things = Things {
            member: of,
            branch: till.branch.clone(),
            purchase: text(&bought, "purchase_id"),
            give_back: text(&returned, "return_id"),
            key: revoked.key_id.clone(),
        };
        let far = operator.open_branch().await;
        let elsewhere = operator.enrol_till(&far).await.key;
        let gone = operator.hire(&[]).await;
        let end = Call::delete(format!("/v1/staff/{}/sessions", gone.id));
        assert_eq!(gone.send(end).await.status(), 204);
        let staff = everybody_of_the_staff(&operator, &till.branch, &far).await;
        let (partners, revoked_partner) = partners_and_a_foe(&operator).await;
        let member = stage.sign_in(&phone, 1).await;
        let ended = stage.sign_in(&phone, 2).await;
        let end = ended.own(&format!("/sessions/{}", ended.text("session_id")));
        assert_eq!(ended.send(Call::delete(end)).await.status(), 204);
        // What the gateway knew of it is forgotten within five seconds.
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        let neighbour = stage.sign_in(&other, 1).await;
        let operator = stage.operator_key().to_owned();
        let ended_staff = gone.text("access_token").to_owned();
        let (till, revoked) = (till.key, revoked.key);
        Self {
            member,
            neighbour,
            ended,
            till,
            elsewhere,
            revoked,
            operator,
            ended_staff,
            staff,
            partners,
            revoked_partner,
            things,
        }
    }

    /// Everybody who calls; whoever ends a member's sessions comes after that member.
    fn everybody(&self) -> Vec<Who> {
        let staff = self.staff.iter().map(|(role, held, _)| Who::Staff(*role, *held));
        let partners = Scope::ALL.map(Who::Partner);
        [
            Who::Anonymous,
            Who::Impostor,
            Who::RevokedTill,
            Who::SpoiltToken,
            Who::EndedSession,
            Who::EndedStaff,
            Who::UnknownStaff,
            Who::RevokedPartner,
            Who::Till,
            Who::TillElsewhere,
            Who::Neighbour,
            Who::Member,
            Who::Operator,
        ]
        .into_iter()
        .chain(staff)
        .chain(partners)
        .collect()
    }

    fn sign(&self, who: Who, call: Call) -> Call {
        match who {
            Who::Anonymous => call,
            Who::Impostor => call.header("vafa-caller", "o|9999999999999|00"),
            Who::RevokedTill => call.bearer(&self.revoked),
            Who::SpoiltToken => call.bearer(&format!("{}x", self.member.text("access_token"))),
            Who::EndedSession => call.bearer(self.ended.text("access_token")),
            Who::EndedStaff => call.bearer(&self.ended_staff),
            Who::UnknownStaff => call.bearer(&format!("vs_{}", "0".repeat(64))),
            Who::RevokedPartner => call.bearer(&self.revoked_partner),
            Who::Partner(scope) => {
                let known = self.partners.iter().find(|(has, _)| *has == scope);
                call.bearer(&known.unwrap().1)
            }
            Who::Till => call.bearer(&self.till),
            Who::TillElsewhere => call.bearer(&self.elsewhere),
            Who::Neighbour => call.bearer(self.neighbour.text("access_token")),
            Who::Member => call.bearer(self.member.text("access_token")),
            Who::Operator => call.bearer(&self.operator),
            Who::Staff(role, held) => {
                let known = self.staff.iter().find(|(has, at, _)| *has == role && *at == held);
                let call = call.header("look-reason", "audit");
                call.bearer(known.unwrap().2.text("access_token"))
            }
        }
    }
}

async fn everybody_may_do_what_the_routes_say_and_nothing_else(stage: Stage) {
    let cast = Cast::of(&stage).await;
    let all: Vec<&'static RouteSpec> = vafa::services().iter().flat_map(|service| service.routes()).collect();
    let (mut public, hidden): (Vec<&RouteSpec>, Vec<&RouteSpec>) =
        all.into_iter().partition(|spec| spec.is_public());
    // Whoever ends their sessions is a stranger afterwards.
    public.sort_by_key(|spec| spec.operation == "end_all_sessions");
    assert!(public.len() > 50 && !hidden.is_empty());
    let mut wrong = Vec::new();
    for who in cast.everybody() {
        for spec in &public {
            let reply = stage.call(cast.sign(who, call(spec, &cast.things))).await;
            let outcome = match reply.status() {
                404 if who == Who::TillElsewhere && expected(spec, who) == Outcome::Hidden => Outcome::Hidden,
                401 => Outcome::Unknown,
                // Let in, and asked for one thing more.
                403 if reply.value()["code"] == "membership.step_up_needed" => Outcome::LetIn,
                403 => Outcome::Denied,
                status => {
                    assert!(status < 500, "{} {who:?}: {}", spec.path, reply.text());
                    Outcome::LetIn
                }
            };
            if outcome != expected(spec, who) {
                wrong.push(format!(
                    "{who:?} {} {}: {outcome:?} {}",
                    spec.verb.name(),
                    spec.path,
                    reply.text()
                ));
            }
        }
        for spec in &hidden {
            let reply = stage.call(cast.sign(who, call(spec, &cast.things))).await;
            if !matches!(reply.status(), 404 | 405) {
                wrong.push(format!("{who:?} {}: a route for services answers {}", spec.path, reply.text()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} routes:\n{}", wrong.len(), public.len(), wrong.join("\n"));
}
