//! Where it happened: course, module, team and instructor from the context of a statement.

use std::borrow::Cow;
use std::cell::RefCell;

use super::activity::Activity;
use super::actor::Actor;
use super::extensions::Extensions;
use super::object::reference;
use super::seen::{self, Part, Seen};
use super::{kinds, open_edx, rules};
use crate::ingest::batch::{Fault, fault};
use crate::ingest::json::{Json, Next};

/// What the context tells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Context<'a> {
    /// The id, or the Open edX key in it, of an activity that is a course by its type.
    pub(super) course: Option<Cow<'a, str>>,
    /// The key of the Open edX course that an id lies in.
    pub(super) course_key: Option<String>,
    /// The same of an activity that is a part of a course.
    pub(super) module: Option<Cow<'a, str>>,
    pub(super) team: Option<Actor<'a>>,
    pub(super) instructor: Option<Actor<'a>>,
    /// Something was told that only a statement about an activity may tell.
    pub(super) of_activity: bool,
}

const PLACE: &str = "context";
const ACTIVITIES: &str = "context.contextActivities";

/// An id and how near the place where it was found is to the best one.
type Found<'a> = Option<(u8, Cow<'a, str>)>;

thread_local! {
    static PLACES: RefCell<Seen<Told>> = RefCell::new(Seen::new(160, 1 << 10));
}

/// What the activities of a context told, by their parts.
#[derive(Clone)]
struct Told {
    course: Option<(u8, Part)>,
    module: Option<(u8, Part)>,
    key: Option<String>,
}

impl Told {
    fn of(fragment: &str, places: &Places<'_>) -> Option<Self> {
        // An id that is no part of the fragment had escapes.
        let part = |found: &Found<'_>| match found {
            Some((rank, id)) => seen::part(fragment, id).map(|part| Some((*rank, part))),
            None => Some(None),
        };
        Some(Self {
            course: part(&places.course)?,
            module: part(&places.module)?,
            key: places.key.clone(),
        })
    }

    fn again(self, fragment: &str) -> Places<'_> {
        let found = |part: Option<(u8, Part)>| {
            let (rank, part) = part?;
            Some((rank, Cow::Borrowed(seen::of(fragment, part)?)))
        };
        Places {
            course: found(self.course),
            module: found(self.module),
            key: self.key,
        }
    }
}

/// What the activities of a context tell.
#[derive(Default)]
pub(super) struct Places<'a> {
    course: Found<'a>,
    module: Found<'a>,
    key: Option<String>,
}

impl<'a> Context<'a> {
    /// Reads a context.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn read(
        json: &mut Json<'a>,
        extensions: &mut Extensions<'a>,
    ) -> Result<Self, Fault> {
        let mut read = Self::default();
        json.object(PLACE, |json, key| {
            match key {
                "registration" => drop(rules::uuid(json, "context.registration")?),
                "instructor" => read.instructor = Some(Actor::read(json, "context.instructor")?),
                "team" => {
                    let team = Actor::read(json, "context.team")?;
                    if !team.group {
                        return Err(fault("context.team", "TeamNotAGroup"));
                    }
                    read.team = Some(team);
                }
                "contextActivities" => read.take(Places::read(json)?),
                "revision" | "platform" => {
                    read.of_activity = true;
                    json.pass_text(PLACE)?;
                }
                "language" => rules::language(&json.text(PLACE)?, "context.language")?,
                "statement" => reference(json, "context.statement")?,
                "extensions" => extensions.read(json, "context.extensions")?,
                "contextAgents" => related(json, "context.contextAgents", "contextAgent", "agent")?,
                "contextGroups" => related(json, "context.contextGroups", "contextGroup", "group")?,
                _ => return Err(fault(PLACE, "UnknownProperty")),
            }
            Ok(())
        })?;
        Ok(read)
    }

    /// A context that tells nothing but its activities.
    pub(super) fn of(places: Places<'a>) -> Self {
        let mut context = Self::default();
        context.take(places);
        context
    }

    fn take(&mut self, places: Places<'a>) {
        self.course = places.course.map(|(_, id)| id);
        self.module = places.module.map(|(_, id)| id);
        self.course_key = places.key;
    }
}

impl<'a> Places<'a> {
    /// Reads the activities of a context.
    ///
    /// # Errors
    /// The rule that they break.
    pub(super) fn read(json: &mut Json<'a>) -> Result<Self, Fault> {
        if let Some((fragment, told)) = PLACES.with_borrow_mut(|seen| seen.find(json)) {
            return Ok(told.again(fragment));
        }
        let from = json.ahead();
        let mut read = Self::default();
        read.read_new(json)?;
        read.course = read.course.map(keyed);
        read.module = read.module.map(keyed);
        let fragment = json.since(from);
        PLACES.with_borrow_mut(|seen| seen.keep(fragment, Told::of(fragment, &read)));
        Ok(read)
    }

    fn read_new(&mut self, json: &mut Json<'a>) -> Result<(), Fault> {
        json.object(ACTIVITIES, |json, key| {
            // Lower is nearer: first for a course, second for a module.
            let (as_course, as_module) = match key {
                "grouping" => (0, 1),
                "parent" => (1, 0),
                "category" => (2, 2),
                "other" => (u8::MAX, u8::MAX),
                _ => return Err(fault(ACTIVITIES, "UnknownProperty")),
            };
            let mut one = |json: &mut Json<'a>| {
                let activity = Activity::read(json, ACTIVITIES)?;
                if as_course < u8::MAX {
                    self.see(activity, as_course, as_module);
                }
                Ok(())
            };
            if json.next() == Next::Array {
                json.array(ACTIVITIES, one)
            } else {
                one(json)
            }
        })
    }

    fn see(&mut self, activity: Activity<'a>, as_course: u8, as_module: u8) {
        fn take<'a>(slot: &mut Found<'a>, rank: u8, id: Cow<'a, str>) {
            if slot.as_ref().is_none_or(|(best, _)| rank < *best) {
                *slot = Some((rank, id));
            }
        }
        match activity.definition.kind.as_deref() {
            Some(kind) if kinds::is_course(kind) => take(&mut self.course, as_course, activity.id),
            kind => {
                if self.key.is_none() {
                    self.key = open_edx::course_of(&activity.id);
                }
                if kind.is_some_and(kinds::is_module) {
                    take(&mut self.module, as_module, activity.id);
                }
            }
        }
    }
}

/// The key of Open edX in the place of the id that it is found in.
fn keyed((rank, id): (u8, Cow<'_, str>)) -> (u8, Cow<'_, str>) {
    let id = match id {
        Cow::Borrowed(id) => open_edx::content(id),
        Cow::Owned(id) => Cow::Owned(open_edx::content(&id).into_owned()),
    };
    (rank, id)
}

/// Reads the agents or groups that version 2.0 relates to a statement.
fn related(
    json: &mut Json<'_>,
    place: &'static str,
    kind: &str,
    property: &str,
) -> Result<(), Fault> {
    json.array(place, |json| {
        let (mut typed, mut there) = (false, false);
        json.object(place, |json, key| match key {
            "objectType" => {
                typed = json.text(place)? == kind;
                Ok(())
            }
            "relevantTypes" => {
                let mut some = false;
                json.array(place, |json| {
                    some = true;
                    rules::iri(json, place).map(drop)
                })?;
                some.then_some(()).ok_or(fault(place, "NoRelevantType"))
            }
            key if key == property => {
                there = true;
                let actor = Actor::read(json, place)?;
                let fits = actor.group == (property == "group");
                fits.then_some(()).ok_or(fault(place, "BadObjectType"))
            }
            _ => Err(fault(place, "UnknownProperty")),
        })?;
        match (typed, there) {
            (false, _) => Err(fault(place, "BadObjectType")),
            (true, false) => Err(fault(place, "NoRelatedActor")),
            (true, true) => Ok(()),
        }
    })
}
