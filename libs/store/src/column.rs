//! Typed columns of values for bulk statements, borrowed from the caller and bound without copies of ours.

use sea_orm::sqlx::{Arguments as _, error::BoxDynError, postgres::PgArguments, sqlite::SqliteArguments};
use uuid::Uuid;

/// The type of a column in a bulk statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// `uuid` on PostgreSQL, 16 bytes on SQLite.
    Uuid,
    /// 64-bit integer: points, minor units, microseconds, versions.
    I64,
    /// 32-bit integer: days, counts.
    I32,
    /// 16-bit integer: kinds.
    I16,
    /// Truth.
    Bool,
    /// Text.
    Text,
    /// Bytes: digests, sealed columns, payloads.
    Bytes,
}

impl ColumnType {
    pub(crate) fn postgres_array(self) -> &'static str {
        match self {
            Self::Uuid => "uuid[]",
            Self::I64 => "int8[]",
            Self::I32 => "int4[]",
            Self::I16 => "int2[]",
            Self::Bool => "bool[]",
            Self::Text => "text[]",
            Self::Bytes => "bytea[]",
        }
    }
}

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident, $nullable:ident: $value:ty => $kind:ident;)*) => {
        /// The values of one column, one a row. `…OrNull` variants take empty places.
        #[derive(Clone, Copy, Debug)]
        pub enum Column<'a> {
            $(
                $(#[$doc])*
                $name(&'a [$value]),
                /// The same, with empty places.
                $nullable(&'a [Option<$value>]),
            )*
        }

        impl<'a> Column<'a> {
            /// How many rows.
            #[must_use]
            pub fn len(&self) -> usize {
                match self { $(Self::$name(values) => values.len(), Self::$nullable(values) => values.len(),)* }
            }

            /// Whether there are no rows.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Whether some row has no value in it.
            pub(crate) fn has_empty_places(&self) -> bool {
                match self {
                    $(
                        Self::$name(_) => false,
                        Self::$nullable(values) => values.iter().any(Option::is_none),
                    )*
                }
            }

            /// The type that the statement must declare for it.
            #[must_use]
            pub fn kind(&self) -> ColumnType {
                match self { $(Self::$name(_) | Self::$nullable(_) => ColumnType::$kind,)* }
            }

            pub(crate) fn bind_all(&self, arguments: &mut PgArguments) -> Result<(), BoxDynError> {
                match *self {
                    $(
                        Self::$name(values) => arguments.add(values),
                        Self::$nullable(values) => arguments.add(values),
                    )*
                }
            }

            pub(crate) fn bind_one(&self, row: usize, arguments: &mut SqliteArguments) -> Result<(), BoxDynError> {
                match *self {
                    $(
                        Self::$name(values) => values[row].add_to(arguments),
                        Self::$nullable(values) => values[row].add_to(arguments),
                    )*
                }
            }
        }

        $(
            impl<'a> From<&'a [$value]> for Column<'a> {
                fn from(values: &'a [$value]) -> Self { Self::$name(values) }
            }
            impl<'a> From<&'a Vec<$value>> for Column<'a> {
                fn from(values: &'a Vec<$value>) -> Self { Self::$name(values) }
            }
            impl<'a> From<&'a [Option<$value>]> for Column<'a> {
                fn from(values: &'a [Option<$value>]) -> Self { Self::$nullable(values) }
            }
            impl<'a> From<&'a Vec<Option<$value>>> for Column<'a> {
                fn from(values: &'a Vec<Option<$value>>) -> Self { Self::$nullable(values) }
            }
        )*
    };
}

columns! {
    /// UUIDs.
    Uuid, UuidOrNull: Uuid => Uuid;
    /// 64-bit integers.
    I64, I64OrNull: i64 => I64;
    /// 32-bit integers.
    I32, I32OrNull: i32 => I32;
    /// 16-bit integers.
    I16, I16OrNull: i16 => I16;
    /// Truths.
    Bool, BoolOrNull: bool => Bool;
    /// Texts.
    Text, TextOrNull: &'a str => Text;
    /// Bytes of any length.
    Bytes, BytesOrNull: &'a [u8] => Bytes;
    /// Keys of 16 bytes.
    Digest, DigestOrNull: [u8; 16] => Bytes;
}

/// A value that SQLite takes as it is or as bytes.
trait Single {
    fn add_to(&self, arguments: &mut SqliteArguments) -> Result<(), BoxDynError>;
}

macro_rules! single {
    ($($value:ty),*) => {
        $(impl Single for $value {
            fn add_to(&self, arguments: &mut SqliteArguments) -> Result<(), BoxDynError> {
                arguments.add(*self)
            }
        })*
    };
}

single!(Uuid, i64, i32, i16, bool, &str, &[u8]);

impl Single for [u8; 16] {
    fn add_to(&self, arguments: &mut SqliteArguments) -> Result<(), BoxDynError> {
        arguments.add(self.as_slice())
    }
}

impl<T: Single> Single for Option<T> {
    fn add_to(&self, arguments: &mut SqliteArguments) -> Result<(), BoxDynError> {
        match self {
            Some(value) => value.add_to(arguments),
            None => arguments.add(None::<i64>),
        }
    }
}
