//! Telling a person something.

/// Writes a line to standard output. A reader who closed the pipe has read enough; the work goes on.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($words)*);
    }};
}

pub(in crate::commands) use say;
