//! Somebody of the chain has words sent to themselves before anybody else gets them.

use kernel::{MemberId, Pii};
use uuid::Uuid;

use super::{
    Desk,
    hand_urgent::{Urgent, hand_urgent},
    keep_templates::words_of,
    wording::Hearer,
};
use crate::{
    domain::{sample, sending::Address, template::Template, trigger::Trigger, words::Names},
    error::{Error, Missing, Refusal},
    store::messages::TRIED,
};

/// What is to be tried.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Its id: the same one again is sent once.
    pub id: Uuid,
    /// To whom.
    pub member: MemberId,
    /// The kind of message.
    pub trigger: Trigger,
    /// Which version of its words; 0 is what is built in.
    pub version: i32,
}

/// Sends the words of a version, with sample values, to a member's phone at once, in their language.
///
/// # Errors
/// [`Missing::Template`], [`Missing::Member`], [`Refusal::Unreachable`] where there is no phone or no provider takes it; membership
/// that does not answer; a fault of the database.
pub async fn try_template(desk: &Desk, trial: &Trial) -> Result<(), Error> {
    let written = words_of(desk, trial.trigger, trial.version).await?;
    let template = Template::read(trial.trigger, &written).map_err(Refusal::Template)?;
    let mut contacts =
        desk.contacts.of(&[trial.member]).await.map_err(|fault| Error::MembershipSilent(fault.into()))?;
    let contact = contacts.remove(&trial.member).filter(|contact| contact.active).ok_or(Missing::Member)?;
    let phone = contact.addresses.iter().find_map(|address| match address {
        Address::Phone(phone) => Some(phone.clone()),
        _ => None,
    });
    let to = phone.ok_or(Refusal::Unreachable)?;
    let now = desk.clock.now();
    let values = sample::usual(trial.trigger, now, desk.chain.local(now, None).day);
    let name = contact.name.as_ref().map(|name| name.expose().as_str());
    let hearer = Hearer { language: contact.language, name };
    let (_, text) = desk.wording.say_as(&template, &values, &hearer, &Names::default());
    let text = Pii::new(text);
    let urgent =
        Urgent { id: trial.id, kind: TRIED, member: trial.member, to, language: contact.language, text };
    if hand_urgent(desk, &urgent).await? { Ok(()) } else { Err(Refusal::Unreachable.into()) }
}
