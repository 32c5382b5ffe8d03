//! Where a fresh code vouches for a member: the counter at which they told it, and nowhere else.

use kernel::{BranchCode, StaffId, TillCode};

/// A counter at which a member tells a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VouchedAt {
    /// A till.
    Till {
        /// The branch where it stands.
        branch: BranchCode,
        /// The till within the branch.
        till: TillCode,
    },
    /// A person of the staff, wherever they are.
    Staff(StaffId),
    /// The chain's operator.
    Operator,
}

impl VouchedAt {
    /// The branch, the till and the person, as rows name them; empty where there is none.
    #[must_use]
    pub fn columns(&self) -> [String; 3] {
        match self {
            Self::Till { branch, till } => [branch.to_string(), till.to_string(), String::new()],
            Self::Staff(staff) => [String::new(), String::new(), staff.to_string()],
            Self::Operator => Default::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_counters_have_the_same_columns() {
        let till = |branch: &str, till: &str| VouchedAt::Till {
            branch: BranchCode::parse(branch).expect("a code"),
            till: TillCode::parse(till).expect("a code"),
        };
        let staff = |number| VouchedAt::Staff(StaffId::from_uuid(uuid::Uuid::from_u128(number)));
        let all = [till("a", "1"), till("a", "2"), till("b", "1"), staff(1), staff(2), VouchedAt::Operator];
        for (index, one) in all.iter().enumerate() {
            assert!(all[..index].iter().all(|other| other.columns() != one.columns()), "{one:?}");
        }
    }
}
