//! How a rig is put together.

use std::{ops::Deref, sync::Arc};

use serde_json::Value;
use testkit::servers::Postgres;

/// The second process of points, on the same database as the first.
pub const TWIN: &str = "points-2";
/// All processes of points that a rig can have.
pub const REPLICAS: [&str; 3] = ["points", TWIN, "points-3"];

/// The processes of rewards that a rig can have, on one database.
pub const DESKS: [&str; 2] = ["rewards", "rewards-2"];

/// Which processes there are, on what, and under which programme.
pub struct Plan {
    /// So many processes of points on one database; the gateway's connections are shared out among them.
    pub replicas: usize,
    /// So many processes of rewards, in the same way.
    pub desks: usize,
    /// A PostgreSQL of its own, so that it can be killed.
    pub own_postgres: bool,
    /// Points reaches its database through this port instead of the server's own.
    pub points_through: Option<u16>,
    /// The programme that is live.
    pub programme: Value,
    /// Settings of all processes.
    pub settings: Vec<(&'static str, &'static str)>,
}

impl Default for Plan {
    fn default() -> Self {
        let programme = journeys::programme(&[]);
        Self {
            replicas: 1,
            desks: 1,
            own_postgres: false,
            points_through: None,
            programme,
            settings: Vec::new(),
        }
    }
}

impl Plan {
    /// Two processes of points under a programme with these sections more.
    pub fn twins(sections: &Value) -> Self {
        Self::of(2, sections)
    }

    /// So many processes of points under a programme with these sections more.
    pub fn of(replicas: usize, sections: &Value) -> Self {
        let mut plan = Self { replicas, ..Self::default() };
        for (name, section) in sections.as_object().into_iter().flatten() {
            plan.programme[name] = section.clone();
        }
        plan
    }

    /// The processes of points.
    pub fn points(&self) -> &'static [&'static str] {
        &REPLICAS[..self.replicas]
    }

    /// The processes; the gateway comes last.
    pub fn roles(&self) -> Vec<&'static str> {
        [&["membership"], self.points(), &DESKS[..self.desks], &["notifications", "webhooks", "gateway"]]
            .concat()
    }

    /// The processes of a service that there are several of.
    pub fn several(&self, service: &str) -> Option<&'static [&'static str]> {
        let processes = match service {
            "points" => self.points(),
            "rewards" => &DESKS[..self.desks],
            _ => return None,
        };
        (processes.len() > 1).then_some(processes)
    }
}

/// The PostgreSQL of a rig.
#[derive(Clone)]
pub enum Server {
    /// The one that all rigs share.
    Shared(&'static Postgres),
    /// One that can be killed.
    Own(Arc<Postgres>),
}

impl Server {
    pub fn of(plan: &Plan) -> Self {
        if plan.own_postgres {
            // What it has acknowledged must be there again after it was killed, as in production.
            let durable = Postgres::builder().durable().start();
            return Self::Own(durable.expect("a PostgreSQL of its own").into());
        }
        Self::Shared(Postgres::shared())
    }
}

impl Deref for Server {
    type Target = Postgres;

    fn deref(&self) -> &Postgres {
        match self {
            Self::Shared(postgres) => postgres,
            Self::Own(postgres) => postgres,
        }
    }
}

/// A setting as the variable that sets it.
pub fn variable(name: &str, value: &str) -> (String, String) {
    (format!("VAFA_{}", name.replace('.', "__").to_uppercase()), value.to_owned())
}

/// What the processes of a rig have in common and nobody else knows.
pub fn secrets(operator_key: &str) -> Vec<(String, String)> {
    let hex = |byte: &str| byte.repeat(32);
    vec![
        variable("secrets.blind_index_key", &hex("1a")),
        variable("secrets.service_key", &hex("2b")),
        variable("secrets.master_keys", &format!("1:{}", hex("3c"))),
        variable("secrets.operator_key", operator_key),
    ]
}
