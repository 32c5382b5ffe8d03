//! `vafa staff`: the first administrator, and the way back in when no administrator can come in.

use serde::Deserialize;
use serde_json::json;

use super::{Outcome, door::Door};
use crate::client::{Call, Client};

/// What can be done for the staff.
#[derive(clap::Subcommand)]
pub enum Staff {
    /// Take an administrator of the whole chain into the staff, and print an invitation for them
    Administrator(Administrator),
}

/// Who becomes an administrator.
#[derive(clap::Args)]
#[command(
    after_help = "The platform must be running. The invitation is good for three days and is shown this once; whoever has it \
    chooses the password and the second factor. Administrators take everybody else into the staff, over the API."
)]
pub struct Administrator {
    /// By which they sign in: 3 to 32 characters of a-z, 0-9, '.', '_', '-', a letter first
    user_name: String,
    /// What colleagues call them
    name: String,
    #[command(flatten)]
    door: Door,
}

#[derive(Deserialize)]
struct Person {
    staff_id: String,
}

#[derive(Deserialize)]
struct Invited {
    invitation: String,
    expires_at: String,
}

/// Looks after the staff.
///
/// # Errors
/// When the platform cannot be reached, or refuses.
pub async fn run(what: Staff) -> anyhow::Result<Outcome> {
    let Staff::Administrator(Administrator { user_name, name, door }) = what;
    let (url, key) = door.find()?;
    let client = Client::new(&url)?;
    let ask = |path: String, body: serde_json::Value| {
        let call = Call::post(path).bearer(&key).language("en").json(&body);
        let client = &client;
        async move { client.ask(&call).await }
    };
    let person: Person =
        ask("/v1/staff".to_owned(), json!({"user_name": user_name, "name": name})).await?.json()?;
    let path = format!("/v1/staff/{}", person.staff_id);
    ask(format!("{path}/grants"), json!({"role": "administrator"})).await?;
    let invited: Invited = ask(format!("{path}/invitations"), json!({})).await?.json()?;
    println!("{user_name} is an administrator of the whole chain: staff id {}", person.staff_id);
    println!(
        "Invitation, shown this once and good until {}:\n\n    {}\n",
        invited.expires_at, invited.invitation
    );
    println!("Choose a password with POST {url}/v1/staff-sign-in/accounts.");
    Ok(Outcome::Fine)
}
