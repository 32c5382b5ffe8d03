//! Questions: they only read.

pub mod archive;
pub mod verify;

/// One page of a list, and whether more follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// Whether something follows the last item.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// Cuts a list that was read one longer than the page.
    #[must_use]
    pub fn cut(mut items: Vec<T>, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        Self { items, has_more }
    }
}
