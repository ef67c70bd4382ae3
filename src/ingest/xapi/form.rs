//! The forms of statements: nearly all of a log have the same few, with the same keys in the same
//! order. Where the stretches of bytes between the values are those of a statement that was read
//! and found good, only the values are read.
//!
//! A form is a way through a tree from the root to an end: at each step a stretch of bytes that
//! must come word for word, and a hole, the value behind it. Keys, brackets and what else is no
//! hole stand in the stretches. A hole is read as [`Statement::read`] reads it, at the same depth.
//! Whatever does not fit is no error here: such a statement is read in the ordinary way.

mod draft;
mod finder;

use std::cell::RefCell;

use self::draft::Draft;
use self::finder::Finder;
use super::extensions::Slot;
use super::object::Object;
use super::statement::Statement;
use crate::data::Zone;
use crate::ingest::json::Json;

const PLACE: &str = "statement";
/// So many steps are kept, and so many ways to go on from one; then all are forgotten and learned
/// anew.
const STEPS: usize = 2_000;
const WAYS: usize = 32;
/// A longer stretch without a hole is no part of a form.
const LONGEST: usize = 1 << 10;
/// So many statements are read without forms where forms were of no use.
const PAUSE: usize = 10_000;

/// A value that a form leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hole {
    Id,
    Mbox,
    Sha1,
    OpenId,
    HomePage,
    AccountName,
    Verb,
    ObjectId,
    Definition,
    Scaled,
    Raw,
    Min,
    Max,
    Success,
    Completion,
    Response,
    Duration,
    OfResult(Slot),
    OfContext(Slot),
    Registration,
    Activities,
    Timestamp,
    Stored,
    Authority,
    Attachments,
    /// A text of which nothing is kept.
    Text,
    /// Any value of which nothing is kept.
    Any,
    /// Nothing follows.
    End,
}

/// What comes next in a form.
#[derive(Debug)]
struct Step {
    before: Box<str>,
    hole: Hole,
    /// How deep the hole lies.
    depth: u32,
    next: Vec<usize>,
}

/// The forms that were learned.
#[derive(Debug, Default)]
struct Forms {
    first: Vec<usize>,
    steps: Vec<Step>,
    hits: usize,
    misses: usize,
    pause: usize,
}

thread_local! {
    static FORMS: RefCell<Forms> = RefCell::new(Forms::default());
}

/// Reads a statement if it has a known form and is good.
pub(super) fn read<'a>(text: &Json<'a>, zone: Option<&Zone>) -> Option<Statement<'a>> {
    FORMS.with_borrow_mut(|forms| {
        if forms.pause > 0 {
            forms.pause -= 1;
            return None;
        }
        let read = forms.read(text.clone(), zone);
        if read.is_some() {
            forms.hits += 1;
        } else {
            forms.misses += 1;
        }
        read
    })
}

/// Learns the form of a text whose statement was found good.
pub(super) fn learn(text: &Json<'_>, statement: &Statement<'_>) {
    let fits = matches!(statement.object, Object::Activity(_)) && !statement.actor.group;
    if !fits {
        return;
    }
    FORMS.with_borrow_mut(|forms| {
        if forms.pause == 0
            && let Some(found) = Finder::find(text.clone())
        {
            forms.add(found);
        }
    });
}

impl Forms {
    fn read<'a>(&self, mut json: Json<'a>, zone: Option<&Zone>) -> Option<Statement<'a>> {
        let mut draft = Draft::default();
        let mut ways = &self.first;
        loop {
            let step = ways.iter().find_map(|way| {
                let step = self.steps.get(*way)?;
                json.pass_text_of(&step.before, step.depth).then_some(step)
            })?;
            if step.hole == Hole::End {
                json.end().ok()?;
                return draft.finish();
            }
            draft.fill(step.hole, &mut json, zone).ok()?;
            ways = &step.next;
        }
    }

    fn add(&mut self, form: Vec<(&str, Hole, u32)>) {
        if self.grow(form).is_none() {
            let useful = self.hits > self.misses;
            *self = Self {
                pause: if useful { 0 } else { PAUSE },
                ..Self::default()
            };
        }
    }

    /// Adds the steps of a form that are not there; `None` if there is no room for them.
    fn grow(&mut self, form: Vec<(&str, Hole, u32)>) -> Option<()> {
        let mut last: Option<usize> = None;
        for (before, hole, depth) in form {
            let place = self.steps.len();
            let ways = match last {
                Some(last) => self.steps.get(last).map(|step| &step.next),
                None => Some(&self.first),
            };
            let same = |way: &&usize| {
                let step = self.steps.get(**way);
                step.is_some_and(|step| step.hole == hole && *step.before == *before)
            };
            let ways = ways?;
            if let Some(way) = ways.iter().find(same) {
                last = Some(*way);
                continue;
            }
            if ways.len() >= WAYS || place >= STEPS {
                return None;
            }
            self.steps.push(Step {
                before: before.into(),
                hole,
                depth,
                next: Vec::new(),
            });
            match last.and_then(|last| self.steps.get_mut(last)) {
                Some(step) => step.next.push(place),
                None => self.first.push(place),
            }
            last = Some(place);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_that_never_come_again_are_forgotten_and_left_alone_for_a_while() {
        let mut forms = Forms::default();
        for number in 0..10 * STEPS {
            let before = format!("{{\"{number}\":");
            forms.add(vec![(&before, Hole::Text, 1), ("}", Hole::End, 0)]);
            assert!(forms.steps.len() <= STEPS && forms.first.len() <= WAYS);
            if forms.pause > 0 {
                assert_eq!(number, WAYS);
                return;
            }
            forms.misses += 1;
        }
        panic!("all were kept");
    }
}
