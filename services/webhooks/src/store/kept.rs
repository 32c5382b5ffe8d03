//! What webhooks keep of a member, for the archive that members may have: nothing that is about one, and why.

use runtime::archive::Kept;

/// All of it.
pub const KEPT: Kept = Kept {
    sheets: &[],
    apart: &[
        ("owners", "whose webhooks there are: the chain's and its partners'"),
        ("webhooks", "addresses of programs"),
        (
            "deliveries",
            "facts on their way to programs, which say with ids what other services keep, until they are taken",
        ),
        ("attempts", "how programs answered"),
    ],
};
