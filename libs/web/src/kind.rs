//! The kinds of refusal and the one table that gives each its HTTP status.

use http::StatusCode;

/// What sort of "no" an answer is. Crates name kinds; only this file knows status codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The request cannot be read: wrong JSON, wrong types, a missing field.
    Malformed,
    /// Nobody known is asking.
    Unauthenticated,
    /// The caller is known and may not do this.
    Forbidden,
    /// The thing does not exist.
    Missing,
    /// The path exists, the method does not.
    WrongMethod,
    /// The request's body came too slowly.
    Timeout,
    /// It contradicts what is there already.
    Conflict,
    /// It existed and is gone for good.
    Gone,
    /// The body is larger than the route takes.
    TooLarge,
    /// The body is in a form that the route does not read.
    UnsupportedMedia,
    /// Readable, and the business says no.
    Rejected,
    /// More requests than the caller may send.
    TooMany,
    /// More or larger headers than the platform reads.
    HeadersTooLarge,
    /// Our machine broke.
    Fault,
    /// A service behind the gateway answered with nonsense.
    BadUpstream,
    /// Something that is needed is down; try again.
    Unavailable,
    /// The work did not end before its deadline.
    Deadline,
}

impl Kind {
    /// The HTTP status of this kind.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Missing => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Gone => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Rejected => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
            Self::BadUpstream => StatusCode::BAD_GATEWAY,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Deadline => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}

/// One error that a caller can meet: a stable code, its kind, and a sentence for the documentation.
///
/// Its title and detail for people are texts of the owning crate, keyed by [`ErrorCode::text_id`] and
/// the same with `-detail` behind it.
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// Stable, `<crate>.<what_is_so>`, such as `points.balance_too_low`. Programs switch on it.
    pub code: &'static str,
    /// What sort of refusal it is; decides the status.
    pub kind: Kind,
    /// One English sentence for `docs/errors.md`: when it comes and what the caller can do.
    pub about: &'static str,
}

impl ErrorCode {
    /// Names an error.
    #[must_use]
    pub const fn new(code: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { code, kind, about }
    }

    /// The id of its title in the text catalogs: the code with `.` and `_` as `-`.
    #[must_use]
    pub fn text_id(&self) -> String {
        self.code.replace(['.', '_'], "-")
    }

    /// The id of its detail in the text catalogs.
    #[must_use]
    pub fn detail_id(&self) -> String {
        self.text_id() + "-detail"
    }
}

/// Declares a crate's error codes, and `ERRORS` with all of them for the generated documentation:
/// `NAME = "crate.what_is_so", Kind, "One English sentence.";`, each with its visibility.
#[macro_export]
macro_rules! error_codes {
    ($($vis:vis $name:ident = $code:literal, $kind:ident, $about:literal;)*) => {
        $(#[doc = $about] $vis static $name: $crate::ErrorCode =
            $crate::ErrorCode::new($code, $crate::Kind::$kind, $about);)*
        /// Every error code of this crate, for the generated documentation.
        pub const ERRORS: &[&$crate::ErrorCode] = &[$(&$name),*];
    };
}
