//! What several measures want to know of one learner: made when the first of them asks.

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them"
)]

use std::cell::{Cell, OnceCell};

use super::attempts::{Attempt, Attempts};
use super::completing::Completing;
use super::completion::Completion;
use super::courses::Record;
use super::navigation::{Codes, Traces};
use super::spells::{self, Spell};
use super::walk::{Learner, Walk};
use super::watching::{Open, Watching};
use crate::data::HOUR;
use crate::data::calendar::Clock;

/// Events of one local hour, side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) day: i32,
    /// 0..=23, by the clock.
    pub(crate) hour: u8,
    /// Hours since local day 0 began, by the clock that strikes 0 when a day begins.
    pub(crate) hour_of_days: i64,
}

/// Something that is made once for each learner; its room is used again.
#[derive(Default)]
struct Lazy<T> {
    made: OnceCell<T>,
    spare: Cell<T>,
}

impl<T: Default> Lazy<T> {
    /// `fill` is given what was made for another learner.
    fn get(&self, fill: impl FnOnce(&mut T)) -> &T {
        self.made.get_or_init(|| {
            let mut all = self.spare.take();
            fill(&mut all);
            all
        })
    }

    fn forget(&mut self) {
        if let Some(all) = self.made.take() {
            self.spare.set(all);
        }
    }
}

impl<T> Lazy<Vec<T>> {
    /// `fill` is given an empty list.
    fn list(&self, fill: impl FnOnce(&mut Vec<T>)) -> &[T] {
        self.get(|all| {
            all.clear();
            fill(all);
        })
    }
}

/// Which things were met, for one learner (or course of hers) after the other.
#[derive(Default)]
pub(super) struct Met {
    /// The round in which a thing was met last.
    last: Vec<u64>,
    round: u64,
}

impl Met {
    /// Begins a round with so many things.
    pub(super) fn begin(&mut self, things: usize) {
        self.last.resize(things, 0);
        self.round += 1;
    }

    /// Whether a thing is met for the first time in the round.
    pub(super) fn first(&mut self, thing: usize) -> bool {
        std::mem::replace(&mut self.last[thing], self.round) != self.round
    }
}

/// The lists of one learner.
#[derive(Default)]
pub(crate) struct Shared {
    met_courses: Cell<Met>,
    met_items: Cell<Met>,
    /// The rank of each item among those of the learner.
    places: Cell<Vec<u32>>,
    stretches: Lazy<Vec<Stretch>>,
    courses: Lazy<Vec<u32>>,
    items: Lazy<Vec<u32>>,
    ranks: Lazy<Vec<u32>>,
    moves: Lazy<Vec<u64>>,
    traces: Cell<Traces>,
    spells: Lazy<Vec<Spell>>,
    records: Lazy<Vec<Record>>,
    attempts: Lazy<Attempts>,
    films: Lazy<Watching>,
    completing: Lazy<Completing>,
}

impl Shared {
    /// Makes ready for another learner.
    pub(super) fn forget(&mut self) {
        self.stretches.forget();
        self.courses.forget();
        self.items.forget();
        self.ranks.forget();
        self.moves.forget();
        self.spells.forget();
        self.records.forget();
        self.attempts.forget();
        self.films.forget();
        self.completing.forget();
    }
}

impl Learner<'_> {
    /// Her events by local hour, in order. Where clocks go back, an hour comes twice.
    pub(crate) fn stretches(&self, walk: &Walk<'_>) -> &[Stretch] {
        self.shared.stretches.list(|all| {
            let data = walk.data;
            let mut clock = Clock::new(data.zone_of(self.id), data.day_start);
            let mut ends = i64::MIN;
            for (event, time) in self.run.time.iter().enumerate() {
                if *time < ends {
                    continue;
                }
                if let Some(last) = all.last_mut() {
                    last.to = event;
                }
                let (day, day_ends) = clock.day(*time);
                let (hour, hour_ends) = clock.hour(*time);
                ends = day_ends.min(hour_ends);
                if data.day_start % HOUR != 0 {
                    ends = ends.min(*time + 1);
                }
                all.push(Stretch {
                    from: event,
                    to: event + 1,
                    day,
                    hour,
                    hour_of_days: clock.hour_of_days(*time),
                });
            }
            if let Some(last) = all.last_mut() {
                last.to = self.run.time.len();
            }
        })
    }

    /// The courses she stands in, with an event of hers or an enrollment known at `as_of`; in
    /// order, none first.
    pub(crate) fn courses(&self, walk: &Walk<'_>) -> &[u32] {
        self.shared.courses.list(|all| {
            let data = walk.data;
            let mut met = self.shared.met_courses.take();
            met.begin(data.courses.len() + 1);
            // No course comes first: NONE wraps to 0.
            let mut first = |course: u32| met.first(course.wrapping_add(1) as usize);
            let registered = self.registrations.iter().map(|r| r.item);
            for item in registered.chain(self.run.item.iter().copied()) {
                let course = data.items.course[item as usize];
                if first(course) {
                    all.push(course);
                }
            }
            for row in data.facts.enrollments_of(self.id) {
                let begun = row.start.is_none_or(|start| start <= walk.as_of);
                if begun && first(row.course) {
                    all.push(row.course);
                }
            }
            self.shared.met_courses.set(met);
            all.sort_unstable_by_key(|course| course.wrapping_add(1));
        })
    }

    /// The items of her events, each once, in order.
    pub(crate) fn items(&self, walk: &Walk<'_>) -> &[u32] {
        self.shared.items.list(|all| {
            let mut met = self.shared.met_items.take();
            met.begin(walk.data.items.len());
            // No processor guesses which item is new: every one is written, and then written over.
            all.resize(self.run.item.len(), 0);
            let mut found = 0;
            for item in self.run.item {
                all[found] = *item;
                found += usize::from(met.first(*item as usize));
            }
            all.truncate(found);
            self.shared.met_items.set(met);
            all.sort_unstable();
        })
    }

    /// The place of each event's item among [`Self::items`].
    pub(crate) fn ranks(&self, walk: &Walk<'_>) -> &[u32] {
        self.shared.ranks.list(|all| {
            let mut places = self.shared.places.take();
            places.resize(walk.data.items.len(), 0);
            for (rank, item) in (0..).zip(self.items(walk)) {
                places[*item as usize] = rank;
            }
            all.extend(self.run.item.iter().map(|item| places[*item as usize]));
            self.shared.places.set(places);
        })
    }

    /// The steps of her traces from content to content, in order.
    pub(super) fn moves(&self, codes: &Codes) -> &[u64] {
        let Shared { moves, traces, .. } = self.shared;
        moves.list(|all| {
            let mut own = traces.take();
            codes.moves(self, &mut own, all);
            traces.set(own);
        })
    }

    /// When her time in each of her courses began and ended, in the order of courses.
    pub(crate) fn spells(&self, walk: &Walk<'_>) -> &[Spell] {
        let spells = &self.shared.spells;
        spells.list(|all| spells::fill(walk, self, all))
    }

    /// Her records by course; whoever asks first makes them.
    pub(super) fn records(&self, make: impl FnOnce(&mut Vec<Record>)) -> &[Record] {
        self.shared.records.list(make)
    }

    /// Her attempts, by item (courses in order, then contents), then as they were opened.
    pub(crate) fn attempts(&self, walk: &Walk<'_>) -> &[Attempt] {
        let items = walk.data.items.len();
        let own = self.shared.attempts.get(|own| own.gather(self, items));
        &own.all
    }

    /// What she watched; plays that nothing closed dropped.
    pub(crate) fn films(&self, walk: &Walk<'_>) -> &Watching {
        let medium = walk.medium(Open::Drop);
        self.shared.films.get(|own| own.fill(self, medium))
    }

    /// What her events completed by themselves. All measures of a walk have the same rules.
    pub(crate) fn completing(&self, rules: &Completion) -> &Completing {
        self.shared.completing.get(|own| own.fill(self, rules))
    }
}
