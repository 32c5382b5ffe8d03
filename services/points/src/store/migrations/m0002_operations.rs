//! Journals of what is neither a purchase nor a return: who did it, and why.

pub(super) const BOTH: &str = "
ALTER TABLE journals ADD COLUMN actor text;
ALTER TABLE journals ADD COLUMN reason text;
";
