//! What a service does about the facts of another.

use contracts::Fact;
use store::{StoreError, Tx};

/// Turns facts heard into changes of the service's own state, in the transaction that it is given.
///
/// **Applying the same fact twice must change nothing**, even after its inbox row was pruned: effects carry natural
/// unique keys, or compare versions.
#[async_trait::async_trait]
pub trait Reaction: Send + Sync + 'static {
    /// The consumer's name, unique within the installation and never changed: `membership-activity`.
    fn consumer(&self) -> &'static str;

    /// The service whose stream it hears.
    fn stream(&self) -> &'static str;

    /// The types of fact it hears; others are passed over unread.
    fn hears(&self) -> &'static [&'static str];

    /// Applies facts, in order. Facts of many transactions may come together.
    ///
    /// # Errors
    /// [`ReactionError::Poison`] for a fact that no repetition can help; [`ReactionError::Fault`] for everything else.
    /// After an error the facts come again one by one, so that it is known which one is at fault.
    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError>;
}

/// Why facts could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ReactionError {
    /// The fact cannot be applied, now or later: it goes to the dead letters. The reason carries no personal data.
    #[error("poison: {0}")]
    Poison(String),
    /// Our machine failed: it is tried again, later.
    #[error("{0:#}")]
    Fault(anyhow::Error),
}

impl ReactionError {
    /// Whether the database itself was in trouble, so that nothing else could be applied either.
    pub(crate) fn is_transient(&self) -> bool {
        let Self::Fault(error) = self else { return false };
        error.chain().any(|cause| {
            cause.downcast_ref::<StoreError>().is_some_and(StoreError::is_transient)
                || cause.downcast_ref::<store::sea_orm::DbErr>().is_some_and(store::is_transient)
        })
    }
}

impl From<StoreError> for ReactionError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<store::sea_orm::DbErr> for ReactionError {
    fn from(error: store::sea_orm::DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl From<anyhow::Error> for ReactionError {
    fn from(error: anyhow::Error) -> Self {
        Self::Fault(error)
    }
}

impl From<contracts::FactError> for ReactionError {
    fn from(error: contracts::FactError) -> Self {
        Self::Poison(error.to_string())
    }
}
