//! A second person of the staff: whoever enters the chance of a draw never confirms it.

use anyhow::Context as _;
use kernel::Clock as _;
use membership::store::Vault;
use runtime::SystemClock;
use serde_json::{Value, json};

use super::stage::Office;
use crate::client::Call;

/// For the accounts of one demo, which listens on this machine only and forgets it.
const PASSWORD: &str = "correct horse battery";
/// Microseconds for which an app shows a code.
const STEP: i64 = 30_000_000;

/// Takes somebody of the finance department in, who makes an account and signs in; their token.
///
/// # Errors
/// When the API refuses.
pub async fn signed_in(office: &Office) -> anyhow::Result<String> {
    let user_name = format!("finance-{}", SystemClock.now().micros());
    let person = json!({"user_name": user_name, "name": "Finance"});
    let taken_in = office.send(Call::post("/v1/staff").json(&person)).await?;
    let id = text(&taken_in, "staff_id")?;
    let role = json!({"role": "finance"});
    office.send(Call::post(format!("/v1/staff/{id}/grants")).json(&role)).await?;
    let invited = office.send(Call::post(format!("/v1/staff/{id}/invitations"))).await?;
    let account = json!({"invitation": invited["invitation"], "password": PASSWORD});
    let begun = ask(office, "/v1/staff-sign-in/accounts", &account).await?;
    let secret = bytes_of(text(&begun, "secret")?);
    let code = |steps: i64| {
        let step = SystemClock.now().micros().div_euclid(STEP) + steps;
        Vault::app_code(&secret, step).digits()
    };
    let confirmed = json!({"invitation": invited["invitation"], "code": code(0)});
    ask(office, "/v1/staff-sign-in/accounts/confirm", &confirmed).await?;
    // A code is good once: this is the one that the app shows next.
    let signing_in = json!({"user_name": user_name, "password": PASSWORD, "code": code(1)});
    let tokens = ask(office, "/v1/staff-sign-in/tokens", &signing_in).await?;
    Ok(text(&tokens, "access_token")?.to_owned())
}

async fn ask(office: &Office, path: &str, body: &Value) -> anyhow::Result<Value> {
    Ok(office.client.ask(&Call::post(path).json(body)).await?.json()?)
}

fn text<'a>(of: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    of[name].as_str().with_context(|| format!("no {name} in an answer"))
}

/// The bytes behind letters of base 32.
fn bytes_of(base32: &str) -> Vec<u8> {
    let (mut held, mut bits, mut bytes) = (0_u64, 0_u32, Vec::new());
    for letter in base32.bytes() {
        let number = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => continue,
        };
        (held, bits) = ((held << 5 | u64::from(number)) & 0xFFFF, bits + 5);
        if bits >= 8 {
            bits -= 8;
            bytes.push(held.checked_shr(bits).unwrap_or_default().to_le_bytes()[0]);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_the_bytes_that_they_were_made_of() {
        let bytes: Vec<u8> = (0..20).map(|number| number * 13).collect();
        assert_eq!(bytes_of(&membership::domain::second_factor::base32(&bytes)), bytes);
    }
}
