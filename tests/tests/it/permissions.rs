//! Who may call what: every route of every service, called by everybody (promise 19).
//!
//! What is expected follows from one table, the routes' own access rules; the calls go through the gateway in both
//! shapes. A call that is let in may still be refused for what it says: here it only matters that it was let in.

use http::Method;
use journeys::{SignedIn, Stage, alone_in_both_shapes, fresh};
use vafa::client::Call;
use web::{Access, Ownership, RouteSpec, Verb};

alone_in_both_shapes!(
    &[("gateway.anonymous_burst", "10000"), ("gateway.member_burst", "10000"), ("gateway.stranger_burst", "10000")];
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
    Till,
    /// A member, about another member.
    Neighbour,
    /// A member, about themselves.
    Member,
    Operator,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    LetIn,
    /// 401 by the caller.
    Unknown,
    /// 403.
    Denied,
}

/// The table: whom each sort of access lets in. A bad credential is refused wherever it is shown.
fn expected(spec: &RouteSpec, who: Who) -> Outcome {
    use Access::{Anyone, Member, MemberOrOperator, MemberTillOrOperator, Operator, Till, TillOrOperator};
    let bad = matches!(who, Who::RevokedTill | Who::SpoiltToken | Who::EndedSession);
    let stranger = matches!(who, Who::Anonymous | Who::Impostor);
    if bad || (stranger && spec.access != Anyone) {
        return Outcome::Unknown;
    }
    let lets_in: &[Access] = match who {
        Who::Till => &[Anyone, Till, TillOrOperator, MemberTillOrOperator],
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

/// The path with something in every place; members are asked about by this id.
fn path(spec: &RouteSpec, member: &str) -> String {
    let place = |name: &str| match name {
        "member_id" => member.to_owned(),
        "branch" | "region" | "till" | "segment" => "none-such".to_owned(),
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

fn call(spec: &RouteSpec, member: &str) -> Call {
    let method: Method = spec.verb.name().parse().unwrap();
    let call = Call::new(method, path(spec, member));
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
    revoked: String,
    operator: String,
}

impl Cast {
    async fn of(stage: &Stage) -> Self {
        let operator = stage.as_operator();
        let till = operator.open_shop().await;
        let revoked = operator.enrol_till(&till.branch).await;
        let gone = operator.send(Call::delete(format!("/v1/till-keys/{}", revoked.key_id))).await;
        assert_eq!(gone.status(), 204);
        let (phone, _) = till.welcome().await;
        let (other, _) = till.welcome().await;
        let member = stage.sign_in(&phone, 1).await;
        let ended = stage.sign_in(&phone, 2).await;
        let end = ended.own(&format!("/sessions/{}", ended.text("session_id")));
        assert_eq!(ended.send(Call::delete(end)).await.status(), 204);
        // What the gateway knew of it is forgotten within five seconds.
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        let neighbour = stage.sign_in(&other, 1).await;
        let operator = stage.operator_key().to_owned();
        Self { member, neighbour, ended, till: till.key, revoked: revoked.key, operator }
    }

    fn sign(&self, who: Who, call: Call) -> Call {
        match who {
            Who::Anonymous => call,
            Who::Impostor => call.header("vafa-caller", "o|9999999999999|00"),
            Who::RevokedTill => call.bearer(&self.revoked),
            Who::SpoiltToken => call.bearer(&format!("{}x", self.member.text("access_token"))),
            Who::EndedSession => call.bearer(self.ended.text("access_token")),
            Who::Till => call.bearer(&self.till),
            Who::Neighbour => call.bearer(self.neighbour.text("access_token")),
            Who::Member => call.bearer(self.member.text("access_token")),
            Who::Operator => call.bearer(&self.operator),
        }
    }
}

async fn everybody_may_do_what_the_routes_say_and_nothing_else(stage: Stage) {
    let cast = Cast::of(&stage).await;
    let member = cast.member.text("member_id").to_owned();
    let all: Vec<&'static RouteSpec> = vafa::services().iter().flat_map(|service| service.routes()).collect();
    let (mut public, hidden): (Vec<&RouteSpec>, Vec<&RouteSpec>) =
        all.into_iter().partition(|spec| spec.is_public());
    // Whoever ends their sessions is a stranger afterwards.
    public.sort_by_key(|spec| spec.operation == "end_all_sessions");
    assert!(public.len() > 50 && !hidden.is_empty());
    let mut wrong = Vec::new();
    let everybody = [
        Who::Anonymous,
        Who::Impostor,
        Who::RevokedTill,
        Who::SpoiltToken,
        Who::EndedSession,
        Who::Till,
        Who::Neighbour,
        Who::Member,
        Who::Operator,
    ];
    for who in everybody {
        for spec in &public {
            let reply = stage.call(cast.sign(who, call(spec, &member))).await;
            let outcome = match reply.status() {
                401 => Outcome::Unknown,
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
            let reply = stage.call(cast.sign(who, call(spec, &member))).await;
            if !matches!(reply.status(), 404 | 405) {
                wrong.push(format!("{who:?} {}: a route for services answers {}", spec.path, reply.text()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} routes:\n{}", wrong.len(), public.len(), wrong.join("\n"));
}
