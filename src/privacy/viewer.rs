//! Who may see what. Everything is denied but what a relation allows: being the learner
//! herself, or instructing a board that she is on. What somebody is called allows nothing.

use std::collections::BTreeMap;
use std::fmt;

use crate::data::facts::Membership;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::data::schema::Purpose;
use crate::data::subset::Seen;
use crate::data::{Id, Inner};
use crate::error::{Error, Result};

/// Somebody who looks at Learning Data. The host vouches for who it is.
///
/// ```
/// use kohort::privacy::Viewer;
/// // No id comes out again, neither in a log nor in an error.
/// assert_eq!(format!("{:?}", Viewer::learner("L7")), "Viewer::Learner");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Viewer(Who);

#[derive(Clone, PartialEq, Eq)]
enum Who {
    Learner(Id),
    Instructor(Id),
    Researcher,
    Recommender,
}

impl fmt::Debug for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Who::Learner(_) => "Viewer::Learner",
            Who::Instructor(_) => "Viewer::Instructor",
            Who::Researcher => "Viewer::Researcher",
            Who::Recommender => "Viewer::Recommender",
        })
    }
}

impl Viewer {
    /// A learner: sees her own analytics and those of groups that she is a member of.
    pub fn learner(id: impl Into<Id>) -> Self {
        Self(Who::Learner(id.into()))
    }

    /// An instructor, by her id in the table of roles: sees learners on her boards who consent,
    /// her boards, and their courses.
    pub fn instructor(id: impl Into<Id>) -> Self {
        Self(Who::Instructor(id.into()))
    }

    /// A researcher: sees results under differential privacy only, made with consent to the
    /// purpose `research`.
    pub fn researcher() -> Self {
        Self(Who::Researcher)
    }

    /// A recommender outside the platform: sees results under differential privacy only, made
    /// with consent to the purpose `recommendation`.
    pub fn recommender() -> Self {
        Self(Who::Recommender)
    }

    /// What differentially private results may be made for.
    ///
    /// # Errors
    /// [`Error::Denied`] for learners and instructors.
    pub(crate) fn purpose(&self) -> Result<Purpose> {
        match self.0 {
            Who::Researcher => Ok(Purpose::Research),
            Who::Recommender => Ok(Purpose::Recommendation),
            Who::Learner(_) | Who::Instructor(_) => Err(Error::Denied),
        }
    }

    /// The relations that allow anything.
    ///
    /// # Errors
    /// [`Error::Denied`] if there is none.
    pub(crate) fn relations(&self, data: &Inner) -> Result<Relations> {
        match &self.0 {
            Who::Learner(id) => {
                let own = data.learners.find(id).ok_or(Error::Denied)?;
                Ok(Relations::Herself(own))
            }
            Who::Instructor(id) => {
                let person = data.persons.find(id).ok_or(Error::Denied)?;
                let groups = data.facts.groups_of(person);
                let rows = groups.flat_map(|group| data.facts.members_of(group));
                let rows: Vec<Membership> = rows.copied().collect();
                // A role in a group that nobody is on is a word.
                if rows.is_empty() {
                    return Err(Error::Denied);
                }
                Ok(Relations::Boards(rows))
            }
            Who::Researcher | Who::Recommender => Err(Error::Denied),
        }
    }
}

/// What allows a viewer to see anything.
#[derive(Debug, Clone)]
pub(crate) enum Relations {
    /// She is this learner.
    Herself(u32),
    /// She instructs the groups of these memberships.
    Boards(Vec<Membership>),
}

impl Relations {
    /// The learners whose personal analytics may be seen, each in the courses of the boards that
    /// she is on at `as_of`, while her consent stands.
    pub(crate) fn seen(&self, data: &Inner, as_of: i64) -> Vec<Seen> {
        match self {
            Self::Herself(learner) => vec![Seen {
                learner: *learner,
                courses: None,
            }],
            Self::Boards(rows) => {
                let holding = rows.iter().filter(|row| holds(data, row, as_of));
                gather(holding)
            }
        }
    }

    /// The learners whose values the viewer knows, in the same form: those who are or ever were
    /// on her boards, while their consent stands. Who has withdrawn it is not among them, or group
    /// numbers would give away what she keeps to herself.
    pub(crate) fn known(&self, data: &Inner, as_of: i64) -> Vec<Seen> {
        match self {
            Self::Herself(_) => self.seen(data, as_of),
            Self::Boards(rows) => {
                let consents = |row: &&Membership| consents(data, row.learner, as_of);
                gather(rows.iter().filter(consents))
            }
        }
    }

    /// The learners whose values the viewer may have seen at some time, consenting now or not.
    pub(crate) fn met(&self, data: &Inner, as_of: i64) -> Vec<Seen> {
        match self {
            Self::Herself(_) => self.seen(data, as_of),
            Self::Boards(rows) => gather(rows.iter()),
        }
    }

    /// The newest instant that the viewer may know of: the newest event that she may see at that
    /// very instant. Nobody else's activity moves it.
    pub(crate) fn newest(&self, data: &Inner) -> i64 {
        let newest = match self {
            Self::Herself(learner) => newest_of(data, *learner, None),
            Self::Boards(rows) => {
                let at = |row: &Membership| {
                    let course = Some(row.course).filter(|course| *course != NONE);
                    let newest = newest_of(data, row.learner, course)?;
                    holds(data, row, newest).then_some(newest)
                };
                rows.iter().filter_map(at).max()
            }
        };
        newest.unwrap_or(0)
    }
}

/// Whether the learner of a membership is on the board, and consents to be seen there.
fn holds(data: &Inner, row: &Membership, as_of: i64) -> bool {
    row.since.is_none_or(|since| since <= as_of)
        && row.until.is_none_or(|until| as_of < until)
        && consents(data, row.learner, as_of)
}

/// Without a consents table the host answers for it. A withdrawal counts whenever it was made.
fn consents(data: &Inner, learner: u32, as_of: i64) -> bool {
    data.facts.consents_to(learner, Purpose::Personal, as_of)
}

/// Each learner once, with the courses of all her memberships.
fn gather<'a>(rows: impl Iterator<Item = &'a Membership>) -> Vec<Seen> {
    let mut all: BTreeMap<u32, Option<Vec<u32>>> = BTreeMap::new();
    for row in rows {
        let courses = all.entry(row.learner).or_insert_with(|| Some(Vec::new()));
        match courses {
            Some(own) if row.course != NONE => own.push(row.course),
            _ => *courses = None,
        }
    }
    let one = |(learner, courses): (u32, Option<Vec<u32>>)| {
        let courses = courses.map(|mut own| {
            own.sort_unstable();
            own.dedup();
            own
        });
        Seen { learner, courses }
    };
    all.into_iter().map(one).collect()
}

/// A learner's newest event in a course or in all; without events, her newest enrollment.
fn newest_of(data: &Inner, learner: u32, course: Option<u32>) -> Option<i64> {
    let run = data.run_of(learner);
    let newest = run.and_then(|run| {
        let inside = |event: &usize| {
            let item = run.item.get(*event).map_or(NONE, |item| *item);
            course.is_none() || data.items.course.get(item as usize).copied() == course
        };
        let at = |event: usize| {
            let received = run.received.and_then(|received| received.get(event));
            let received = received.copied().unwrap_or(NO_TIME);
            run.time.get(event).map(|time| received.max(*time))
        };
        (0..run.time.len()).filter(inside).filter_map(at).max()
    });
    newest.or_else(|| {
        let rows = data.facts.enrollments_of(learner).iter();
        let inside = rows.filter(|row| course.is_none_or(|course| row.course == course));
        inside.filter_map(|row| row.start).max()
    })
}
