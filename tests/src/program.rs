//! The built `vafa` program.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The folder of the repository.
#[must_use]
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate of the journeys lies in the repository")
}

/// The program, ready to be run with settings of its own and none of this process's.
#[derive(Clone, Debug)]
pub struct Vafa {
    program: PathBuf,
    variables: Vec<(String, String)>,
}

/// How a run of the program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub errors: String,
}

impl Finished {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), errors: text(&output.stderr) }
    }

    /// Fails with all that was printed unless it ended with this code.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    pub fn ended_with(self, code: i32) -> Self {
        let Self { code: ended, out, errors } = &self;
        assert_eq!(*ended, Some(code), "it printed:\n{out}\nand, as errors:\n{errors}");
        self
    }
}

impl Vafa {
    /// The program that lies beside this test's own, with these settings as variables.
    ///
    /// # Panics
    /// When it is not built: a test that needs it must not pass without it.
    #[must_use]
    pub fn with(variables: &[(String, String)]) -> Self {
        let test = std::env::current_exe().expect("a running program has a file");
        // target/<profile>/deps/<test>
        let profile = test.ancestors().nth(2).expect("cargo puts tests into target/<profile>/deps");
        let program = profile.join("vafa");
        assert!(
            program.is_file(),
            "{} is not there: run `cargo build -p vafa` (or tests/run, which does) and then the tests again",
            program.display()
        );
        Self { program, variables: variables.to_vec() }
    }

    /// Where the program is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.program
    }

    /// A command that is still to be given its folder and its pipes.
    #[must_use]
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).stdin(Stdio::null()).env_clear();
        command
            .envs(std::env::vars().filter(|(name, _)| name == "PATH" || name == "TMPDIR" || name == "HOME"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it in a folder to its end.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn run(&self, folder: &Path, words: &[&str]) -> Finished {
        let output = self.command(words).current_dir(folder).output();
        Finished::of(&output.unwrap_or_else(|error| panic!("{}: {error}", self.program.display())))
    }
}
