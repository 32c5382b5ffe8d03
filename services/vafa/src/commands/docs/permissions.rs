//! `docs/permissions.md`: every route, and who may use it.

use std::fmt::Write as _;

use kernel::Role;
use web::{Access, RouteSpec};

const HEAD: &str = "# Permissions\n\n*Made from the code by `vafa docs`.*\n\nEvery route of the platform and who may use it. \
     The services decide by this table themselves; the gateway refuses by it, too, before it passes a call on. What is not \
     marked is refused, and a route that does not say whom it lets in is no part of any service: the service does not start.\n\n\
     `anyone` needs no key. `member` is a member about what is their own, never about another one. `till` is a till with a live \
     key, about its own branch. `partner` is a partner whose key has the scope that the column names. The operator's key may do \
     whatever the back office may. The other columns are roles of the \
     staff; a role is granted for the whole chain, for a region or for a branch, and counts as far as the column `reach` says:\n\n\
     * **chain**: the grant must be for the whole chain, as the route concerns all of it;\n\
     * **branch**: the grant must reach the branch that the path names;\n\
     * **thing**: the grant must reach the branch of the thing that the path names, which the service looks up; a thing of no \
     branch takes a grant for the whole chain;\n\
     * **…, or their own**: everybody of the staff may use it about themselves, with whatever roles;\n\
     * **anywhere**: wherever the grant holds, since members and what is theirs belong to no branch.\n\n\
     Staff act under their own id: who is named as having done something by hand is the caller. Nobody approves what they \
     proposed, and nobody gives roles to themselves.\n";

const COLUMNS: &str = "\n| route | anyone | member | till | partner | cashier | branch manager | support agent | marketing | \
     finance | auditor | administrator | operator | reach |\n\
     | --- | :-: | :-: | :-: | :-: | :-: | :-: | :-: | :-: | :-: | :-: | :-: | :-: | --- |\n";

/// The document of these services' public routes.
pub(super) fn permissions<'s>(
    services: impl IntoIterator<Item = (&'s str, Vec<&'static RouteSpec>)>,
) -> String {
    let mut out = HEAD.to_owned();
    for (service, routes) in services {
        let _ = write!(out, "\n## {service}\n{COLUMNS}");
        for spec in routes.iter().filter(|spec| spec.is_public()) {
            row(&mut out, spec);
        }
    }
    out
}

fn row(out: &mut String, spec: &RouteSpec) {
    let mark = |yes| if yes { "●" } else { "" };
    let till = matches!(spec.access, Access::Till | Access::TillOrOperator | Access::MemberTillOrOperator);
    let anyone = spec.access == Access::Anyone;
    let _ = write!(out, "| {} `{}` | {} | ", spec.verb.name(), spec.path, mark(anyone));
    let _ = write!(out, "{} | {} | ", mark(spec.access.admits_members()), mark(till));
    let _ = write!(out, "{} | ", spec.scope.map_or("", |scope| scope.word()));
    for role in Role::ALL {
        let has = spec.staff.is_some_and(|policy| policy.roles.contains(&role));
        let _ = write!(out, "{} | ", mark(has));
    }
    let own = if spec.staff.is_some_and(|policy| policy.themselves) { ", or their own" } else { "" };
    let reach = spec.staff.filter(|policy| !policy.roles.is_empty()).map_or("", |policy| policy.bound.word());
    let _ = writeln!(out, "{} | {reach}{own} |", mark(spec.access.admits_operator()));
}

#[cfg(test)]
mod tests {
    use kernel::Scope;
    use web::{Bound, Verb};

    use super::*;

    fn back_office() -> Vec<&'static RouteSpec> {
        let all = crate::services().iter().flat_map(|service| service.routes());
        all.filter(|spec| spec.access.admits_operator()).collect()
    }

    #[test]
    fn auditors_read_everything_and_change_nothing() {
        for spec in back_office() {
            let reads = spec.verb == Verb::Get || spec.operation == "look_up_member";
            let admitted = spec.staff.is_some_and(|policy| policy.roles.contains(&Role::Auditor));
            assert_eq!(admitted, reads, "{} {}", spec.verb.name(), spec.path);
        }
    }

    #[test]
    fn what_is_looked_at_twice_takes_another_role_than_what_is_done() {
        let routes = back_office();
        let roles = |operation| {
            let spec = routes.iter().find(|spec| spec.operation == operation);
            spec.and_then(|spec| spec.staff).unwrap_or_else(|| panic!("no policy of {operation}")).roles
        };
        for (done, looked_at) in [
            ("adjust_points", "approve_adjustment"),
            ("request_transfer", "approve_transfer"),
            ("draft_programme", "announce_programme"),
        ] {
            assert!(
                roles(done).iter().all(|role| !roles(looked_at).contains(role)),
                "{done} and {looked_at}"
            );
        }
    }

    #[test]
    fn a_row_shows_whom_a_route_lets_in() {
        static SPEC: RouteSpec = RouteSpec::get("/v1/x/{branch}", "x", Access::TillOrOperator)
            .staff(Bound::Branch, &[Role::Cashier, Role::Auditor])
            .partners(Scope::PlacesRead);
        let document = permissions([("shop", vec![&SPEC])]);
        let row = "| GET `/v1/x/{branch}` |  |  | ● | places:read | ● |  |  |  |  | ● |  | ● | branch |\n";
        assert!(document.ends_with(row), "{document}");
    }
}
