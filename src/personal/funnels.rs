//! How far a learner came along steps that somebody names (METRICS: drop-off, funnel).
//!
//! Reaching a step is engaging with a content that belongs to it. Events of one instant (of one
//! day, in a log of days) are taken in the order of the steps, what belongs to no step last.

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them, steps have one place each"
)]

use super::PersonalAnalytics;
use super::navigation::Place;
use super::walk::Learner;
use crate::data::ids::NONE;
use crate::data::schema::Kind;
use crate::data::{Id, Inner};
use crate::error::Result;

/// How steps must follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// One after the other, whatever lies between.
    Ordered,
    /// One after the other, with nothing else of the course between.
    Strict,
    /// In any order: how many of them.
    Any,
}

/// An event that belongs to no step.
const ELSEWHERE: u32 = u32::MAX;

/// What is asked of a learner's events in a course.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course {
    pub(crate) steps: usize,
    pub(crate) order: Order,
    /// How long all of it may take, in microseconds.
    pub(crate) within: Option<i64>,
}

impl Course {
    /// How many steps were reached at best, from events (time, step) in order.
    pub(crate) fn level(&self, events: &[(i64, u32)]) -> u32 {
        match self.order {
            Order::Ordered => self.ordered(events),
            Order::Strict => self.strict(events),
            Order::Any => self.any(events),
        }
    }

    fn holds(&self, from: i64, to: i64) -> bool {
        self.within.is_none_or(|within| to - from <= within)
    }

    /// Of all ways to a step the one that began last leaves most time for the next.
    fn ordered(&self, events: &[(i64, u32)]) -> u32 {
        let mut begun: Vec<Option<i64>> = vec![None; self.steps];
        for (time, step) in events {
            let at = *step as usize;
            if at >= self.steps {
                continue;
            }
            let start = match at.checked_sub(1) {
                None => Some(*time),
                Some(before) => begun[before].filter(|start| self.holds(*start, *time)),
            };
            begun[at] = begun[at].max(start);
        }
        count(begun.iter().take_while(|start| start.is_some()))
    }

    fn strict(&self, events: &[(i64, u32)]) -> u32 {
        let (mut level, mut start, mut best) = (0, 0, 0);
        for (time, step) in events {
            // To stay at a step is no other step; at the first one it begins anew.
            if level > 1 && step.checked_add(1) == Some(level) {
                continue;
            }
            let next = *step == level && (*step as usize) < self.steps;
            if level > 0 && next && self.holds(start, *time) {
                level += 1;
            } else if *step == 0 {
                (level, start) = (1, *time);
            } else {
                level = 0;
            }
            best = best.max(level);
        }
        best
    }

    fn any(&self, events: &[(i64, u32)]) -> u32 {
        let mut last: Vec<Option<i64>> = vec![None; self.steps];
        let mut best = 0;
        for (time, step) in events {
            if let Some(slot) = last.get_mut(*step as usize) {
                *slot = Some(*time);
                let near = |at: &&i64| self.holds(**at, *time);
                best = best.max(count(last.iter().flatten().filter(near)));
            }
        }
        best
    }
}

fn count<T>(all: impl Iterator<Item = T>) -> u32 {
    u32::try_from(all.count()).unwrap_or(u32::MAX)
}

/// The step of each item, or [`ELSEWHERE`]. A step that nothing belongs to is reached by nobody.
fn steps_of(data: &Inner, by: Place, steps: &[Id]) -> Vec<u32> {
    let find = |id: &Id| match by {
        Place::Content => data.contents.find(id),
        Place::Module => data.modules.find(id),
        Place::Kind => Kind::parse(&id.to_string()).map(|kind| kind as u32),
    };
    // The number 5 and the text "5" name the same step, whatever the log's ids are.
    let other = |id: &Id| match id {
        Id::Int(number) => Some(Id::Text(number.to_string())),
        Id::Text(text) => text.parse().ok().map(Id::Int),
    };
    let dense = |id: &Id| find(id).or_else(|| find(&other(id)?));
    let named: Vec<Option<u32>> = steps.iter().map(dense).collect();
    let step = |place: u32| {
        let at = named.iter().position(|own| *own == Some(place));
        at.and_then(|at| u32::try_from(at).ok())
            .filter(|_| place != NONE)
            .unwrap_or(ELSEWHERE)
    };
    by.of_items(data).into_iter().map(step).collect()
}

impl PersonalAnalytics {
    /// How far each of the wanted learners came in each of the wanted courses: course, learner,
    /// steps reached.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(crate) fn levels(
        &self,
        by: Place,
        steps: &[Id],
        (order, within): (Order, Option<i64>),
        courses: &[u32],
        wanted: impl Fn(u32, u32) -> bool + Send + Sync,
    ) -> Result<Vec<(u32, u32, u32)>> {
        let walk = self.walk();
        let items = &walk.data.items;
        let of_item = steps_of(walk.data, by, steps);
        let asked = Course {
            steps: steps.len(),
            order,
            within,
        };
        let visit = |events: &mut Vec<(i64, u32)>, learner: &Learner<'_>, out: &mut Vec<_>| {
            for course in courses.iter().filter(|course| wanted(**course, learner.id)) {
                events.clear();
                for (event, (time, item)) in
                    learner.run.time.iter().zip(learner.run.item).enumerate()
                {
                    let item = *item as usize;
                    let own = items.course[item] == *course && items.content[item] != NONE;
                    if own && learner.verb(event).is_engagement() {
                        events.push((*time, of_item[item]));
                    }
                }
                events.sort_unstable();
                let level = asked.level(events);
                if level > 0 {
                    out.push((*course, learner.id, level));
                }
            }
        };
        walk.each(Vec::new, visit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn level(order: Order, within: Option<i64>, events: &[(i64, u32)]) -> u32 {
        let course = Course {
            steps: 3,
            order,
            within,
        };
        let mut events = events.to_vec();
        events.sort_unstable();
        course.level(&events)
    }

    #[test]
    fn what_lies_between_matters_only_in_strict_order() {
        let detour = [(1, 0), (2, 7), (3, 1), (4, 0), (5, 2)];
        assert_eq!(level(Order::Ordered, None, &detour), 3);
        assert_eq!(level(Order::Strict, None, &detour), 1);
        assert_eq!(level(Order::Any, None, &detour), 3);
        // staying at a step is no detour
        let stays = [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (6, 9)];
        assert_eq!(level(Order::Strict, None, &stays), 3);
        let backward = [(1, 2), (2, 1), (3, 0)];
        assert_eq!(level(Order::Ordered, None, &backward), 1);
        assert_eq!(level(Order::Any, None, &backward), 3);
    }

    #[test]
    fn the_window_begins_with_the_best_first_step() {
        let again = [(0, 0), (50, 0), (58, 1), (61, 2)];
        assert_eq!(level(Order::Ordered, Some(10), &again), 2);
        assert_eq!(level(Order::Ordered, Some(11), &again), 3);
        assert_eq!(level(Order::Strict, Some(11), &again), 3);
        assert_eq!(level(Order::Any, Some(3), &again), 2);
        assert_eq!(level(Order::Ordered, Some(0), &[(4, 2), (4, 0), (4, 1)]), 3);
    }

    /// From the definition: every choice of events.
    fn twin(order: Order, within: Option<i64>, events: &[(i64, u32)]) -> u32 {
        let near = |from: i64, to: i64| within.is_none_or(|w| to - from <= w);
        let mut best = 0;
        for first in 0..events.len() {
            let start = events[first].0;
            match order {
                Order::Any => {
                    let inside = events[first..].iter().filter(|(t, _)| near(start, *t));
                    let mut steps: Vec<u32> = inside.map(|e| e.1).filter(|s| *s < 3).collect();
                    steps.sort_unstable();
                    steps.dedup();
                    best = best.max(count(steps.iter()));
                }
                Order::Ordered if events[first].1 == 0 => {
                    let mut reached = 1;
                    for (time, step) in &events[first + 1..] {
                        if *step == reached && near(start, *time) && reached < 3 {
                            reached += 1;
                        }
                    }
                    best = best.max(reached);
                }
                Order::Strict if events[first].1 == 0 => {
                    let mut reached = 1;
                    for (time, step) in &events[first + 1..] {
                        if step.checked_add(1) == Some(reached) {
                            continue;
                        }
                        if *step != reached || reached == 3 || !near(start, *time) {
                            break;
                        }
                        reached += 1;
                    }
                    best = best.max(reached);
                }
                _ => {}
            }
        }
        best
    }

    proptest! {
        #[test]
        fn levels_are_those_of_the_definition(
            times in proptest::collection::vec((0_i64..30, 0_u32..5), 0..14),
            within in proptest::option::of(0_i64..20),
        ) {
            let elsewhere = |step| if step == 4 { ELSEWHERE } else { step };
            let mut events: Vec<_> = times.iter().map(|(t, s)| (*t, elsewhere(*s))).collect();
            events.sort_unstable();
            for order in [Order::Ordered, Order::Strict, Order::Any] {
                let own = level(order, within, &events);
                prop_assert_eq!(own, twin(order, within, &events), "{:?}", order);
            }
        }
    }
}
