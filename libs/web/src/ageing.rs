//! How a route says that its time is coming to an end.

use std::time::{Duration, SystemTime};

use http::{HeaderName, HeaderValue, header};

/// Since when a route should not be used any more (RFC 9745), when it will be gone (RFC 8594), and what replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deprecation {
    /// Since when, in seconds of Unix time.
    pub since_s: u64,
    /// From when on it may be gone, in seconds of Unix time; `None` while that is not decided.
    pub sunset_s: Option<u64>,
    /// The path of the route that replaces it, where one does.
    pub successor: Option<&'static str>,
}

impl Deprecation {
    /// What every answer of the route says of it.
    #[must_use]
    pub fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let value = |text: String| HeaderValue::try_from(text).expect("dates and paths are visible ASCII");
        let since = (HeaderName::from_static("deprecation"), value(format!("@{}", self.since_s)));
        let sunset = self.sunset_s.map(|at| {
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(at);
            (HeaderName::from_static("sunset"), value(httpdate::fmt_http_date(at)))
        });
        let successor =
            self.successor.map(|path| (header::LINK, value(format!("<{path}>; rel=\"successor-version\""))));
        [Some(since), sunset, successor].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(deprecation: Deprecation) -> Vec<(String, String)> {
        let text =
            |(name, value): (HeaderName, HeaderValue)| (name.to_string(), value.to_str().unwrap().to_owned());
        deprecation.headers().into_iter().map(text).collect()
    }

    #[test]
    fn a_route_says_since_when_until_when_and_what_instead() {
        let whole = Deprecation {
            since_s: 1_688_169_599,
            sunset_s: Some(784_111_777),
            successor: Some("/v2/purchases"),
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            told(whole),
            [
                pair("deprecation", "@1688169599"),
                pair("sunset", "Sun, 06 Nov 1994 08:49:37 GMT"),
                pair("link", "</v2/purchases>; rel=\"successor-version\""),
            ]
        );
        let bare = Deprecation { since_s: 1, sunset_s: None, successor: None };
        assert_eq!(told(bare), [pair("deprecation", "@1")]);
    }
}
