//! What a till says about a purchase besides what it must, for rules that ask for it.

pub(super) const BOTH: &str = "
ALTER TABLE journals ADD COLUMN details text;
";
