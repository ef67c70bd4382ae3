//! From events to what group analytics knows of each learner's paths, question by question.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ReferenceGroups;
use super::contents::contents;
use super::distribution::{ByCourse, ContentList, Tie, Viewed};
use super::funnel::Funnel;
use super::metric::Measure;
use super::question::Question;
use super::ties;
use crate::Result;
use crate::data::catalog::Entry;
use crate::data::ids::NONE;
use crate::data::schema::Kind;
use crate::data::{Inner, Resolution};
use crate::personal::crowd::bin;
use crate::personal::participation::{ACTS, Collaboration, has_verbs};
use crate::personal::{Order, PersonalAnalytics};

/// Videos of a course with the number of stretches of each: facts of the catalog.
#[derive(Debug, Clone)]
pub(super) struct Videos {
    pub(super) list: ContentList,
    pub(super) stretches: Vec<usize>,
}

/// Public lists by course.
pub(super) type Lists<T> = BTreeMap<u32, T>;

/// Contents, and the places in them that each learner engaged with.
type Touched = (Arc<Lists<ContentList>>, ByCourse<Vec<u32>>);

/// Videos, and what each learner watched of them.
type Watched = (Arc<Lists<Videos>>, ByCourse<Vec<Viewed>>);

/// What tables about paths are made from, once for all courses and for all tables that need it.
#[derive(Default)]
pub(super) struct Trails {
    levels: Option<ByCourse<u32>>,
    features: Option<ByCourse<u32>>,
    touched: Option<Touched>,
    watched: Option<Watched>,
    ties: Option<ByCourse<Tie>>,
}

impl ReferenceGroups {
    /// All that some questions need, no two of which ask for another funnel or width. Each reads
    /// the log on all threads.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(super) fn trails(&self, questions: &[Question]) -> Result<Trails> {
        let mut made = Trails::default();
        for question in questions {
            match question {
                Question::Funnel(funnel) => made.levels = Some(self.levels(funnel)?),
                Question::FeatureUsage => made.features = Some(self.features()?),
                Question::PopularContent => made.touched = Some(self.touched()?),
                Question::VideoSeconds(width) | Question::RewatchPeaks(width)
                    if made.watched.is_none() =>
                {
                    made.watched = Some(self.watched(*width)?);
                }
                Question::Collaboration | Question::ReplyNetwork if made.ties.is_none() => {
                    made.ties = Some(self.ties()?);
                }
                _ => {}
            }
        }
        Ok(made)
    }

    /// Why a funnel cannot be had, from facts that hold for everybody.
    pub(super) fn no_order(&self, asked: &Funnel) -> Option<String> {
        let data = &self.data.as_ref()?.inner;
        let days = data.resolution == Resolution::Day;
        (days && asked.order == Order::Strict).then(|| "times have day resolution".to_string())
    }

    /// Why what is told by verbs cannot be had, from facts that hold for everybody.
    pub(super) fn no_verbs(&self) -> Option<String> {
        let data = &self.data.as_ref()?.inner;
        (!has_verbs(data)).then(|| "the log has no verbs".to_string())
    }

    /// How far the members of each course came.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(super) fn levels(&self, asked: &Funnel) -> Result<ByCourse<u32>> {
        #[cfg(test)]
        if let Some(trails) = &self.trails {
            return Ok(trails.levels.clone());
        }
        if let Some(made) = self.made.as_ref().and_then(|made| made.levels.as_ref()) {
            return Ok(made.clone());
        }
        let members = self.members();
        let Some((_, personal)) = self.source(members.is_empty())? else {
            return Ok(ByCourse::default());
        };
        let courses: Vec<u32> = members.keys().copied().collect();
        let wanted = |course: u32, learner: u32| {
            let roster = members.get(&course);
            roster.is_some_and(|roster| roster.binary_search(&learner).is_ok())
        };
        let how = (asked.order, asked.within);
        let rows = personal.levels(asked.by, &asked.steps, how, &courses, wanted)?;
        Ok(ByCourse::new(rows))
    }

    /// The features that each learner used, a bit for each.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(super) fn features(&self) -> Result<ByCourse<u32>> {
        #[cfg(test)]
        if let Some(trails) = &self.trails {
            return Ok(trails.features.clone());
        }
        if let Some(made) = self.made.as_ref().and_then(|made| made.features.as_ref()) {
            return Ok(made.clone());
        }
        let Some((_, personal)) =
            self.source(self.no_verbs().is_some() || self.members().is_empty())?
        else {
            return Ok(ByCourse::default());
        };
        let uses = personal.uses()?;
        let own = uses.chunk_by(|a, b| (a.learner, a.course) == (b.learner, b.course));
        let bits = own.filter_map(|own| {
            let touched = own.iter().filter(|feature| feature.events > 0);
            let bits = touched.fold(0_u32, |bits, own| bits | 1 << own.feature);
            let first = own.first()?;
            Some((first.course, first.learner, bits))
        });
        Ok(ByCourse::new(bits.collect()))
    }

    /// The contents of each course, and the places in them that each learner engaged with.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(super) fn touched(&self) -> Result<Touched> {
        #[cfg(test)]
        if let Some(trails) = &self.trails {
            return Ok((Arc::new(trails.contents.clone()), trails.touched.clone()));
        }
        if let Some(made) = self.made.as_ref().and_then(|made| made.touched.as_ref()) {
            return Ok(made.clone());
        }
        let Some(data) = self.data.as_ref().map(|data| &*data.inner) else {
            return Ok((Arc::default(), ByCourse::default()));
        };
        let mut lists = Lists::new();
        let mut places = Places::new(data);
        for course in self.members().into_keys() {
            let (list, items) = contents(data, course, |_| true, "contents");
            places.put(course, &items);
            lists.insert(course, list);
        }
        let lists = Arc::new(lists);
        let nothing = lists.values().all(std::result::Result::is_err);
        let Some((_, personal)) = self.source(nothing)? else {
            return Ok((lists, ByCourse::default()));
        };
        let mut rows: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
        for (learner, items) in personal.touched()? {
            for (course, place) in items.iter().filter_map(|item| places.get(*item)) {
                rows.entry((course, learner)).or_default().push(place);
            }
        }
        let rows = rows.into_iter().map(|((c, l), own)| (c, l, own));
        Ok((lists, ByCourse::new(rows.collect())))
    }

    /// The videos of each course, and what each learner watched of them in stretches of `width`
    /// seconds.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(super) fn watched(&self, width: u32) -> Result<Watched> {
        #[cfg(test)]
        if let Some(trails) = &self.trails {
            return Ok((Arc::new(trails.videos.clone()), trails.watched.clone()));
        }
        if let Some(made) = self.made.as_ref().and_then(|made| made.watched.as_ref()) {
            return Ok(made.clone());
        }
        let Some(data) = self.data.as_ref().map(|data| &*data.inner) else {
            return Ok((Arc::default(), ByCourse::default()));
        };
        let length = |entry: &Entry| entry.length.filter(|length| *length > 0.0);
        let is_video = |entry: &Entry| {
            length(entry).is_some() && entry.kind.is_none_or(|kind| kind == Kind::Video)
        };
        let mut lists = Lists::new();
        let mut places = Places::new(data);
        for course in self.members().into_keys() {
            let what = "videos with a length";
            let (list, items) = contents(data, course, is_video, what);
            places.put(course, &items);
            let entries = items.iter().filter_map(|item| data.items.get(*item));
            let stretches = entries
                .filter_map(length)
                .map(|l| bin(l, width).max(1) as usize);
            let stretches = stretches.collect();
            lists.insert(course, Videos { list, stretches });
        }
        let lists = Arc::new(lists);
        let nothing = lists.values().all(|videos| videos.list.is_err());
        let Some((_, personal)) = self.source(nothing)? else {
            return Ok((lists, ByCourse::default()));
        };
        let mut rows: BTreeMap<(u32, u32), Vec<Viewed>> = BTreeMap::new();
        for own in personal.watched(width, |item| places.get(item).is_some())? {
            let Some((course, place)) = places.get(own.item) else {
                continue;
            };
            rows.entry((course, own.learner)).or_default().push(Viewed {
                place,
                seen: own.seen,
                again: own.again,
                first: own.first,
                later: own.later,
            });
        }
        let rows = rows.into_iter().map(|((c, l), own)| (c, l, own));
        Ok((lists, ByCourse::new(rows.collect())))
    }

    /// Each learner among those of the released groups of her course whom she writes with. Who is
    /// on none of their rosters is nobody's peer: she changes nobody's record.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(super) fn ties(&self) -> Result<ByCourse<Tie>> {
        #[cfg(test)]
        if let Some(trails) = &self.trails {
            return Ok(trails.ties.clone());
        }
        if let Some(made) = self.made.as_ref().and_then(|made| made.ties.as_ref()) {
            return Ok(made.clone());
        }
        let Some((data, personal)) =
            self.source(self.no_verbs().is_some() || self.members().is_empty())?
        else {
            return Ok(ByCourse::default());
        };
        let written = personal.writings()?;
        let acts = personal.collaborations()?;
        let mut rows = Vec::new();
        for (course, members) in self.members() {
            let here = |item: u32| data.items.course.get(item as usize) == Some(&course);
            let own: Vec<_> = written.iter().filter(|w| here(w.item)).copied().collect();
            let mut made = ties::ties(&own, &members)?;
            for acts in acts.iter().filter(|acts| acts.course == course) {
                let place = made.remove(&acts.learner).unwrap_or_default();
                let measures = Measure::ALL.map(|measure| {
                    let place = place.get(&measure).copied();
                    place.unwrap_or_else(|| told(acts, measure))
                });
                rows.push((course, acts.learner, Tie { measures }));
            }
        }
        Ok(ByCourse::new(rows))
    }

    /// What records are made from; none where there is `nothing` to tell, so that the log is not
    /// read for it.
    fn source(&self, nothing: bool) -> Result<Option<(&Inner, PersonalAnalytics)>> {
        if nothing {
            return Ok(None);
        }
        let data = self.data.as_ref().map(|data| &*data.inner);
        Ok(data.zip(self.personal()?))
    }
}

/// What a learner's own acts tell of a measure.
fn told(acts: &Collaboration, measure: Measure) -> f64 {
    let at = ACTS.iter().position(|(name, _)| *name == measure.name());
    let count = match measure {
        Measure::Threads => acts.threads,
        _ => at.and_then(|at| acts.acts.get(at)).copied().unwrap_or(0),
    };
    f64::from(count)
}

/// The place of each item in the list of its course.
struct Places(Vec<(u32, u32)>);

impl Places {
    fn new(data: &Inner) -> Self {
        Self(vec![(NONE, NONE); data.items.len()])
    }

    fn put(&mut self, course: u32, items: &[u32]) {
        for (place, item) in (0..).zip(items) {
            if let Some(slot) = self.0.get_mut(*item as usize) {
                *slot = (course, place);
            }
        }
    }

    /// Course and place.
    fn get(&self, item: u32) -> Option<(u32, u32)> {
        let own = self.0.get(item as usize).copied();
        own.filter(|(_, place)| *place != NONE)
    }
}
