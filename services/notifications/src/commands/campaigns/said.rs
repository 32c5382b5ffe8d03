//! What messages of campaigns say, on which ways they go, and whether they go now: as the campaign stands when they are sent.

use std::{collections::HashMap, sync::Arc};

use crate::{
    commands::Desk,
    domain::{
        campaign::{Arm, Stage},
        message::{Message, MessageId},
        routing::Ways,
        template::Template,
        trigger::{CAMPAIGN, OCCASION, WIN_BACK},
    },
    error::Error,
    store::{campaign_members, campaigns},
};

/// What a message of a campaign says, and how.
#[derive(Debug)]
pub struct Said {
    /// Where the campaign stands.
    pub stage: Stage,
    /// What it says; nothing where that cannot be read any more.
    pub template: Option<Template>,
    /// Its own ways, where it has some.
    pub ways: Option<Ways>,
}

/// What those of these messages say that are of campaigns.
///
/// # Errors
/// A fault of the database.
pub async fn of(desk: &Desk, messages: &[Message]) -> Result<HashMap<MessageId, Arc<Said>>, Error> {
    let may_be = |message: &&Message| [CAMPAIGN, OCCASION, WIN_BACK].contains(&message.trigger);
    let ids: Vec<MessageId> = messages.iter().filter(may_be).map(|message| message.id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let tx = desk.database.begin().await?;
    let of_messages = campaign_members::of_messages(&tx, &ids).await?;
    let mut known = HashMap::<_, Arc<Said>>::new();
    for of_one in of_messages.values() {
        if !known.contains_key(of_one)
            && let Some(campaign) = campaigns::load(&tx, &of_one.0).await?
        {
            let template = campaign.terms.template(of_one.1).ok().flatten();
            let ways = campaign.terms.own_ways();
            known.insert(of_one.clone(), Arc::new(Said { stage: campaign.stage, template, ways }));
        }
    }
    tx.rollback().await?;
    let said = |(id, of_one): (MessageId, (_, Arm))| known.get(&of_one).map(|said| (id, Arc::clone(said)));
    Ok(of_messages.into_iter().filter_map(said).collect())
}
