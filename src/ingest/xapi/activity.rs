//! What: activities with their definitions.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use super::extensions::Extensions;
use super::seen::{self, Part, Seen};
use super::{kinds, rules};
use crate::data::Kind;
use crate::ingest::batch::{Fault, fault};
use crate::ingest::json::Json;

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interaction {
    TrueFalse,
    Choice,
    FillIn,
    LongFillIn,
    Matching,
    Performance,
    Sequencing,
    Likert,
    Numeric,
    Other,
}

impl Interaction {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "true-false" => Self::TrueFalse,
            "choice" => Self::Choice,
            "fill-in" => Self::FillIn,
            "long-fill-in" => Self::LongFillIn,
            "matching" => Self::Matching,
            "performance" => Self::Performance,
            "sequencing" => Self::Sequencing,
            "likert" => Self::Likert,
            "numeric" => Self::Numeric,
            "other" => Self::Other,
            _ => return None,
        })
    }
}

/// What an activity is said to be.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Definition<'a> {
    pub(super) kind: Option<Cow<'a, str>>,
    /// The kind of content that `kind` means.
    pub(super) content: Option<Kind>,
    /// Whether `kind` is that of courses.
    pub(super) course: bool,
    pub(super) interaction: Option<Interaction>,
    /// The ids of what can be chosen, whichever list they come from.
    pub(super) options: Vec<Cow<'a, str>>,
    pub(super) extensions: Extensions<'a>,
}

/// What a definition told, by its parts.
#[derive(Clone)]
struct Told {
    kind: Option<Part>,
    content: Option<Kind>,
    course: bool,
    interaction: Option<Interaction>,
    options: Rc<[Part]>,
}

thread_local! {
    static DEFINITIONS: RefCell<Seen<Told>> = RefCell::new(Seen::new(128, 1 << 12));
}

impl Told {
    /// Unless it told more than parts of itself.
    fn of(fragment: &str, definition: &Definition<'_>) -> Option<Self> {
        let part = |text: &Cow<'_, str>| seen::part(fragment, text);
        if definition.extensions != Extensions::default() {
            return None;
        }
        Some(Self {
            kind: match &definition.kind {
                Some(kind) => Some(part(kind)?),
                None => None,
            },
            content: definition.content,
            course: definition.course,
            interaction: definition.interaction,
            options: definition.options.iter().map(part).collect::<Option<_>>()?,
        })
    }

    fn again<'a>(&self, fragment: &'a str) -> Option<Definition<'a>> {
        let text = |part| seen::of(fragment, part).map(Cow::Borrowed);
        Some(Definition {
            kind: self.kind.and_then(text),
            content: self.content,
            course: self.course,
            interaction: self.interaction,
            options: self
                .options
                .iter()
                .copied()
                .map(text)
                .collect::<Option<_>>()?,
            extensions: Extensions::default(),
        })
    }
}

impl<'a> Definition<'a> {
    /// Reads a definition.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn read(json: &mut Json<'a>, place: &'static str) -> Result<Self, Fault> {
        let known = DEFINITIONS.with_borrow_mut(|seen| seen.find(json));
        if let Some(known) = known.and_then(|(fragment, told)| told.again(fragment)) {
            return Ok(known);
        }
        let from = json.ahead();
        let read = Self::read_new(json, place)?;
        let fragment = json.since(from);
        DEFINITIONS.with_borrow_mut(|seen| seen.keep(fragment, Told::of(fragment, &read)));
        Ok(read)
    }

    fn read_new(json: &mut Json<'a>, place: &'static str) -> Result<Self, Fault> {
        let mut read = Self::default();
        let mut asks = false;
        json.object(place, |json, key| match key {
            "name" | "description" => rules::language_map(json, place),
            "type" => {
                read.kind = Some(rules::iri(json, place)?);
                Ok(())
            }
            "moreInfo" => rules::iri(json, place).map(drop),
            "extensions" => read.extensions.read(json, place),
            "interactionType" => {
                let word = json.text(place)?;
                let known = Interaction::parse(&word).ok_or(fault(place, "BadInteractionType"))?;
                read.interaction = Some(known);
                Ok(())
            }
            "correctResponsesPattern" => {
                asks = true;
                json.array(place, |json| json.pass_text(place))
            }
            "choices" | "scale" | "source" | "target" | "steps" => {
                asks = true;
                components(json, place, &mut read.options)
            }
            _ => Err(fault(place, "UnknownProperty")),
        })?;
        let kind = read.kind.as_deref();
        read.content = kind.and_then(kinds::kind);
        read.course = kind.is_some_and(kinds::is_course);
        if asks && read.interaction.is_none() {
            return Err(fault(place, "NoInteractionType"));
        }
        Ok(read)
    }
}

/// Reads a list of what can be chosen; an id stands there once.
fn components<'a>(
    json: &mut Json<'a>,
    place: &'static str,
    options: &mut Vec<Cow<'a, str>>,
) -> Result<(), Fault> {
    let before = options.len();
    json.array(place, |json| {
        let mut id = None;
        json.object(place, |json, key| match key {
            "id" => {
                id = Some(json.text(place)?);
                Ok(())
            }
            "description" => rules::language_map(json, place),
            _ => Err(fault(place, "UnknownProperty")),
        })?;
        options.push(id.ok_or(fault(place, "NoId"))?);
        Ok(())
    })?;
    let mut ids: Vec<&str> = options.iter().skip(before).map(|id| &**id).collect();
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(fault(place, "DuplicateId"));
    }
    Ok(())
}

/// An activity.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Activity<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) definition: Definition<'a>,
}

impl<'a> Activity<'a> {
    /// Reads an activity that stands in the context.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn read(json: &mut Json<'a>, place: &'static str) -> Result<Self, Fault> {
        let (mut id, mut definition) = (None, None);
        json.object(place, |json, key| match key {
            "objectType" if json.text(place)? == "Activity" => Ok(()),
            "objectType" => Err(fault(place, "BadObjectType")),
            "id" => {
                id = Some(rules::iri(json, place)?);
                Ok(())
            }
            "definition" => {
                definition = Some(Definition::read(json, place)?);
                Ok(())
            }
            _ => Err(fault(place, "UnknownProperty")),
        })?;
        Ok(Self {
            id: id.ok_or(fault(place, "NoId"))?,
            definition: definition.unwrap_or_default(),
        })
    }
}
