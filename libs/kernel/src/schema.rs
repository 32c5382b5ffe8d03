//! How the kernel's text-shaped values show themselves in OpenAPI and in the schemas of facts.

use utoipa::openapi::{
    ObjectBuilder, RefOr,
    schema::{Schema, SchemaFormat, Type},
};

/// A text that matches a pattern.
pub(crate) fn pattern(pattern: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).into()
}

/// A text of a format that JSON Schema names: `uuid`, `date`, `date-time`.
pub(crate) fn format(format: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom(format.to_owned())))
        .into()
}
