//! A whole platform of its own, in one of its two shapes.

mod embedded;
mod processes;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;
use vafa::client::{Call, Client};

use crate::{Finished, Operator, Reply, SignedIn, Vafa, goods, leftovers::Leftovers};
use processes::{Processes, Role};

/// How the platform is put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One process on SQLite and the embedded bus, nothing installed; it is this one.
    Embedded,
    /// The same as a process of its own, `vafa run`, whose log can be read.
    EmbeddedProcess,
    /// Gateway, membership, points, rewards, notifications and webhooks as processes of their own on PostgreSQL and NATS.
    Distributed,
}

enum Running {
    Here(Box<vafa::Platform>),
    Beside(Processes),
}

/// A platform that runs.
pub struct Stage {
    shape: Shape,
    client: Client,
    operator_key: String,
    settings: Vec<(String, String)>,
    roles: Vec<Role>,
    running: Running,
    // Dropped in this order: the watch would else remove the folder under the processes.
    leftovers: Leftovers,
    folder: TempDir,
}

impl Stage {
    /// Starts a platform with these settings, without a programme.
    ///
    /// # Panics
    /// When it does not start: with the reason.
    pub async fn bare(shape: Shape, settings: &[(&str, &str)]) -> Self {
        match Self::start(shape, settings).await {
            Ok(stage) => stage,
            Err(fault) => panic!("the platform does not start: {fault:#}"),
        }
    }

    /// Starts a platform with these settings and a plain programme: 1,000 minor units make a point.
    ///
    /// # Panics
    /// When it does not start: with the reason.
    pub async fn open(shape: Shape, settings: &[(&str, &str)]) -> Self {
        let stage = Self::bare(shape, settings).await;
        stage.publish(&[]).await;
        stage
    }

    /// Publishes the plain programme with more rules.
    ///
    /// # Panics
    /// When the API refuses, or when it was live already.
    pub async fn publish(&self, more: &[serde_json::Value]) {
        let mut document = goods::programme(more);
        if let Some(currency) = self.setting("chain.currency") {
            document["currency"] = currency.into();
        }
        let _ = self.as_operator().put("/v1/programme", &document).await.created();
    }

    async fn start(shape: Shape, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("vafa-journeys-").tempdir()?;
        let leftovers = Leftovers::of(folder.path())?;
        let operator_key = format!("vo_{}", "7e".repeat(32));
        let mut all = secrets(&operator_key);
        all.extend(settings.iter().map(|(name, value)| variable(name, value)));
        all.push(variable("data.dir", &folder.path().join("data").display().to_string()));
        let roles = match shape {
            Shape::Embedded => Vec::new(),
            Shape::EmbeddedProcess => vec![Role::alone()?],
            Shape::Distributed => processes::places(&mut all)?,
        };
        let running = Running::start(&all, &roles, folder.path(), &leftovers).await?;
        let base = running.base();
        // What the program is told when a journey runs it: the public API is where it is.
        all.push(variable("http.listen", base.trim_start_matches("http://")));
        let client = Client::new(&base)?;
        Ok(Self { shape, client, operator_key, settings: all, roles, running, leftovers, folder })
    }

    /// Stops it in good order and starts it again on the same data.
    ///
    /// # Panics
    /// When it does not stop in time, or does not start again.
    #[must_use]
    pub async fn restart(self) -> Self {
        self.restart_after(|| ()).await
    }

    /// The same; something happens to the data meanwhile.
    ///
    /// # Panics
    /// When it does not stop in time, or does not start again.
    #[must_use]
    pub async fn restart_after(self, meanwhile: impl FnOnce()) -> Self {
        let Self { shape, operator_key, settings, roles, running, leftovers, folder, .. } = self;
        running.stop(&leftovers).await;
        meanwhile();
        let running = Running::start(&settings, &roles, folder.path(), &leftovers).await;
        let running = running.unwrap_or_else(|fault| panic!("the platform does not start again: {fault:#}"));
        let client = Client::new(&running.base()).expect("a running platform has an address");
        Self { shape, client, operator_key, settings, roles, running, leftovers, folder }
    }

    /// The same, with another value for one setting.
    ///
    /// # Panics
    /// When it does not stop in time, or does not start again.
    #[must_use]
    pub async fn restart_with(self, name: &str, value: &str) -> Self {
        self.restart_with_all(&[(name, value)]).await
    }

    /// The same with several settings changed.
    pub async fn restart_with_all(mut self, changed: &[(&str, &str)]) -> Self {
        for (name, value) in changed {
            let changed = variable(name, value);
            self.settings.retain(|(known, _)| *known != changed.0);
            self.settings.push(changed);
        }
        self.restart().await
    }

    /// Its shape.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// A client of its public API.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Where its public API is.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.running.base()
    }

    /// Where each of its processes answers, the gateway among them.
    #[must_use]
    pub fn bases(&self) -> Vec<String> {
        let services = self.roles.iter().filter_map(|role| self.setting(&format!("{}.url", role.name())));
        services.map(str::to_owned).chain([self.base_url()]).collect()
    }

    /// The operator's key.
    #[must_use]
    pub fn operator_key(&self) -> &str {
        &self.operator_key
    }

    /// A folder that is gone when the stage is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Files that its processes wrote: logs, databases, streams.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Acts as the chain's back office.
    #[must_use]
    pub fn as_operator(&self) -> Operator {
        Operator::new(self.client.clone(), &self.operator_key)
    }

    /// Calls without any key.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn call(&self, call: Call) -> Reply {
        Reply(self.client.send(&call).await.unwrap_or_else(|error| panic!("{error}")))
    }

    /// The code in the newest message to this phone, once there are so many of them.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn code_for(&self, phone: &str, messages: usize) -> String {
        let text = self.text_for(phone, messages).await;
        let digits = text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6);
        digits.expect("a message has a code").to_owned()
    }

    /// The text of the last of so many messages to this phone.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn text_for(&self, phone: &str, messages: usize) -> String {
        for _ in 0..500 {
            if let Some(text) = self.messages_to(phone).into_iter().nth(messages - 1) {
                return text;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no message came to {phone}");
    }

    /// The texts of the messages to this phone so far, oldest first.
    fn messages_to(&self, phone: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.data_folder().join("outbox")) else { return Vec::new() };
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        let read =
            |file: &PathBuf| serde_json::from_slice::<serde_json::Value>(&std::fs::read(file).ok()?).ok();
        let theirs = files.iter().filter_map(read).filter(|message| message["to"] == phone);
        theirs.filter_map(|message| Some(message["text"].as_str()?.to_owned())).collect()
    }

    /// The message to this phone that has these words in it.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn told(&self, phone: &str, words: &str) -> String {
        let mut all = Vec::new();
        for _ in 0..1_000 {
            all = self.sent_to(phone);
            if let Some(text) = all.iter().find(|text| text.contains(words)) {
                return text.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{phone} was not told {words:?}, but {all:#?}");
    }

    /// What this phone was told so far.
    #[must_use]
    pub fn sent_to(&self, phone: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.data_folder().join("messages")) else { return Vec::new() };
        let files = entries.flatten().map(|entry| entry.path());
        let whole = files.filter(|file| file.extension().is_some_and(|extension| extension == "json"));
        let read =
            |file: PathBuf| serde_json::from_slice::<serde_json::Value>(&std::fs::read(file).ok()?).ok();
        let theirs = whole.filter_map(read).filter(|message| message["to"] == phone);
        theirs.filter_map(|message| Some(message["text"].as_str()?.to_owned())).collect()
    }

    /// Signs a member in, who has so many messages afterwards.
    ///
    /// # Panics
    /// When the API refuses.
    pub async fn sign_in(&self, phone: &str, messages: usize) -> SignedIn {
        let body = self.fresh_code(phone, messages).await;
        let tokens = self.call(Call::post("/v1/sign-in/tokens").json(&body)).await.ok();
        SignedIn::new(self.client.clone(), tokens)
    }

    /// Raises a member's session by a fresh code, after which they have so many messages.
    ///
    /// # Panics
    /// When the API refuses.
    pub async fn raise(&self, me: &mut SignedIn, phone: &str, messages: usize) {
        let body = self.fresh_code(phone, messages).await;
        let raised = me.send(Call::post(me.own("/step-up")).json(&body)).await.ok();
        assert!(raised["stepped_up_until"].is_string(), "{raised}");
        me.tokens["access_token"] = raised["access_token"].clone();
    }

    /// Asks for a code, and answers what shows that it came.
    async fn fresh_code(&self, phone: &str, messages: usize) -> serde_json::Value {
        let asked = Call::post("/v1/sign-in/codes").json(&serde_json::json!({"phone": phone}));
        let id = self.call(asked).await.with(202)["sign_in_id"].clone();
        serde_json::json!({"sign_in_id": id, "code": self.code_for(phone, messages).await})
    }

    /// The program with this stage's settings.
    #[must_use]
    pub fn program(&self) -> Vafa {
        Vafa::with(&self.settings)
    }

    /// Runs the program with this stage's settings to its end.
    pub async fn vafa(&self, words: &[&str]) -> Finished {
        let (program, folder) = (self.program(), self.folder.path().to_path_buf());
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let run = move || program.run(&folder, &words.iter().map(String::as_str).collect::<Vec<_>>());
        tokio::task::spawn_blocking(run).await.expect("running a program does not panic")
    }

    /// The value of a setting that this stage was given.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        let (wanted, _) = variable(name, "");
        self.settings.iter().rfind(|(known, _)| *known == wanted).map(|(_, value)| value.as_str())
    }

    /// Asks every process to stop and waits; what was written stays until the remains are dropped.
    ///
    /// # Panics
    /// When one of them does not end well in time.
    pub async fn stop(self) -> Remains {
        self.running.stop(&self.leftovers).await;
        Remains { _leftovers: self.leftovers, folder: self.folder }
    }
}

/// What a stopped platform wrote.
pub struct Remains {
    // It removes the folder when it is dropped.
    _leftovers: Leftovers,
    folder: TempDir,
}

impl Remains {
    /// The folder with its data and its logs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Running {
    async fn start(
        settings: &[(String, String)],
        roles: &[Role],
        folder: &Path,
        leftovers: &Leftovers,
    ) -> anyhow::Result<Self> {
        if roles.is_empty() {
            return Ok(Self::Here(Box::new(embedded::start(settings).await?)));
        }
        Ok(Self::Beside(Processes::start(settings, roles, folder, leftovers).await?))
    }

    fn base(&self) -> String {
        match self {
            Self::Here(platform) => platform.base_url(),
            Self::Beside(processes) => processes.base(),
        }
    }

    async fn stop(self, leftovers: &Leftovers) {
        match self {
            Self::Here(platform) => assert!(platform.stop().await, "the platform stops in time"),
            Self::Beside(processes) => processes.stop(leftovers).await,
        }
    }
}

/// A setting as the variable that sets it.
fn variable(name: &str, value: &str) -> (String, String) {
    (format!("VAFA_{}", name.replace('.', "__").to_uppercase()), value.to_owned())
}

fn secrets(operator_key: &str) -> Vec<(String, String)> {
    let hex = |byte: &str| byte.repeat(32);
    vec![
        variable("secrets.blind_index_key", &hex("1a")),
        variable("secrets.service_key", &hex("2b")),
        variable("secrets.master_keys", &format!("1:{}", hex("3c"))),
        variable("secrets.operator_key", operator_key),
    ]
}
