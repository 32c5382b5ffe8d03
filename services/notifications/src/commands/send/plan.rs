//! What becomes of each message of a batch: it goes, waits, or never goes.

use std::collections::{BTreeSet, HashMap};

use kernel::{MemberId, Pii};

use super::{Message, campaign, over, waits};
use crate::{
    adapters::contacts::Contact,
    commands::{
        Desk,
        campaigns::said::{self, Said},
        wording::Hearer,
    },
    domain::{
        attempt::Attempt,
        channel::Channel,
        message::State,
        policy,
        routing::{Lately, Reach, Standing, Verdict, Ways, WhyNot, Wishes, route},
        trigger::{Lane, Topic},
        words::Names,
    },
    error::Error,
    store::{lately, messages::Ending, wishes},
};

/// A message that goes.
pub(super) struct Planned {
    pub message: Message,
    pub contact: Contact,
    /// On each of these, by the first of its channels that works.
    pub ways: Ways,
    /// What it says, in the language of its member.
    pub title: Pii<String>,
    pub text: Pii<String>,
    /// The attempts at it so far.
    pub attempts: Vec<Attempt>,
    /// Providers that were tried in this turn.
    pub tried: Vec<String>,
}

/// What becomes of a batch.
pub(super) struct Plan {
    pub goes: Vec<Planned>,
    /// Those that wait, and those that never go.
    pub endings: Vec<Ending>,
    /// Those to members who are gone.
    pub gone: Vec<Message>,
}

/// Decides; gives the batch back where membership does not answer.
pub(super) async fn plan(desk: &Desk, batch: Vec<Message>) -> Result<Result<Plan, Vec<Message>>, Error> {
    let mut plan = Plan { goes: Vec::new(), endings: Vec::new(), gone: Vec::new() };
    if batch.is_empty() {
        return Ok(Ok(plan));
    }
    let members: BTreeSet<MemberId> = batch.iter().map(|message| message.member).collect();
    let members: Vec<MemberId> = members.into_iter().collect();
    let mut contacts = match desk.contacts.of(&members).await {
        Ok(contacts) => contacts,
        Err(error) => {
            tracing::warn!(target: "vafa::notifications", %error, "membership does not say where members are reached; messages wait");
            return Ok(Err(batch));
        }
    };
    contacts.retain(|_, contact| contact.active);
    let unasked: Vec<MemberId> =
        batch.iter().filter(|message| is_unasked(message)).map(|message| message.member).collect();
    let lately = lately::of(&desk.database, &unasked, desk.clock.now()).await?;
    let names = match desk.names.of(batch.iter().map(|message| &message.values)).await {
        Ok(names) => names,
        Err(error) => {
            tracing::warn!(target: "vafa::notifications", %error, "a service does not say what things are called; messages wait");
            return Ok(Err(batch));
        }
    };
    let tx = desk.database.snapshot().await?;
    let wishes = wishes::of_members(&tx, &members).await?;
    tx.rollback().await?;
    let nothing = Wishes::default();
    desk.wording.refresh(&desk.database).await?;
    let said = said::of(desk, &batch).await?;
    for message in batch {
        let Some(contact) = contacts.get(&message.member) else {
            plan.gone.push(message);
            continue;
        };
        let said = said.get(&message.id).map(|said| &**said);
        if let Some(ending) = campaign::held(desk, &message, said) {
            plan.endings.push(ending);
            continue;
        }
        let wishes = wishes.get(&message.member).unwrap_or(&nothing);
        let known = Known { contact, names: &names, lately: &lately, wishes, said };
        decide(desk, &mut plan, message, &known);
    }
    Ok(Ok(plan))
}

/// What is known when a message is decided about.
#[derive(Clone, Copy)]
struct Known<'a> {
    contact: &'a Contact,
    names: &'a Names,
    lately: &'a HashMap<MemberId, Lately>,
    wishes: &'a Wishes,
    /// What a campaign says, where it is of one.
    said: Option<&'a Said>,
}

fn is_unasked(message: &Message) -> bool {
    message.lane == Lane::Campaign || message.trigger.terms().topic == Topic::Offers
}

fn decide(desk: &Desk, plan: &mut Plan, message: Message, known: &Known<'_>) {
    let Known { contact, names, lately, wishes, said } = *known;
    let now = desk.clock.now();
    let there = contact.addresses.iter().map(crate::domain::sending::Address::channel);
    let reach = Reach {
        channels: there.filter(|channel| desk.carriers.serve(*channel)).collect(),
        offers: Channel::ALL
            .into_iter()
            .filter(|channel| contact.agreed(&desk.settings.offers_purpose, *channel))
            .collect(),
    };
    let standing = Standing {
        wishes,
        reach: &reach,
        lately: lately.get(&message.member).copied().unwrap_or_default(),
        quiet: desk.settings.quiet,
        now,
        local: desk.chain.local(now, None),
    };
    let own_ways = said.and_then(|said| said.ways.clone());
    let ways = own_ways.unwrap_or_else(|| policy::usual(message.trigger));
    match route(message.trigger.terms(), &ways, desk.settings.caps, standing) {
        Verdict::Goes(ways) => {
            let name = contact.name.as_ref().map(|name| name.expose().as_str());
            let hearer = Hearer { language: contact.language, name };
            let (title, text) = match said.and_then(|said| said.template.as_ref()) {
                Some(template) => {
                    let (title, text) = desk.wording.say_as(template, &message.values, &hearer, names);
                    (Pii::new(title), Pii::new(text))
                }
                None => desk.wording.say(message.trigger, &message.values, &hearer, names),
            };
            plan.goes.push(Planned {
                message,
                contact: contact.clone(),
                ways,
                title,
                text,
                attempts: Vec::new(),
                tried: Vec::new(),
            });
        }
        Verdict::Waits(until) if until < message.not_after => plan.endings.push(waits(&message, until)),
        Verdict::Waits(_) => {
            plan.endings.push(over(desk, &message, State::Dropped, Some(WhyNot::TooLate.word())));
        }
        Verdict::Dropped(why) => {
            plan.endings.push(over(desk, &message, State::Dropped, Some(why.word())));
        }
    }
}
