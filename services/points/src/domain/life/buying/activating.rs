//! Pending points are activated before their day.

use kernel::Day;

use crate::domain::{
    Place, decide_activation,
    life::{
        Bug,
        buying::due,
        model::Slip,
        till::{SHARE, Till},
    },
};

impl Till {
    pub(in crate::domain::life) fn activate(&mut self, which: usize) -> Result<bool, String> {
        let (today, terms) = (self.today(), self.terms());
        let bought = &self.bought[which];
        // Whether it was done before is looked up by the command, as here.
        if bought.activations > 0 && self.bug != Some(Bug::ActivatesAgain) {
            return Ok(false);
        }
        let mut original = bought.original.clone();
        original.returned = bought.returned;
        let place = |(_, from): &(Slip, Option<Day>)| from.map(|from| Place::Pending { from });
        let places: Vec<Option<Place>> = bought.slips.iter().map(place).collect();
        let own = original.pending_left(&places).map_err(|e| format!("I3: {e}"))?;
        let decided = decide_activation(&mut self.account, &own, terms);
        if self.done(decided)?.is_none() {
            return Ok(false);
        }
        let bought = &mut self.bought[which];
        let whole = bought.original.amount;
        let left = bought.slips.iter().filter_map(|(slip, from)| {
            let from = from.filter(|from| *from > today)?;
            Some((from, due(*slip, [bought.returned, whole], whole)))
        });
        let left: Vec<(Day, Slip)> = left.collect();
        bought.activations += 1;
        bought.slips.iter_mut().for_each(|(_, from)| *from = None);
        bought.original.earned.iter_mut().for_each(|earned| earned.pending = false);
        self.model.activate(&left, SHARE);
        Ok(true)
    }
}
