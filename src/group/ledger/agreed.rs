//! What all callers under one ledger agree on: the policy, the type of ids, and which component a
//! course or a term of it is.

use super::book::Book;
use super::entry::Entry;
use crate::data::Id;
use crate::group::policy::ReleasePolicy;
use crate::{Error, Result};

impl Book {
    /// Takes note of a policy, or refuses it if an earlier one was stricter.
    ///
    /// # Errors
    /// [`Error::Policy`] if any parameter is weaker than one already used.
    pub(in crate::group) fn agree(&mut self, policy: ReleasePolicy) -> Result<()> {
        let agreed = policy.after(self.strictest)?;
        if self.strictest != Some(agreed) {
            self.write(&Entry::Policy {
                k: agreed.k(),
                base: agreed.base(),
                coverage_floor: agreed.coverage_floor().to_string(),
            });
        }
        Ok(())
    }

    /// Takes note of the type of learners' ids.
    ///
    /// # Errors
    /// [`Error::Policy`] if they had another type before.
    pub(super) fn agree_on_ids(&mut self, integers: bool) -> Result<()> {
        let kind = |integers| if integers { "integers" } else { "strings" };
        match self.integers {
            None => self.write(&Entry::Learners { integers }),
            Some(before) if before != integers => {
                return Err(Error::Policy(format!(
                    "learner ids are {} here, under this ledger they were {} before; give them \
                     one type, or one learner would count as two",
                    kind(integers),
                    kind(before)
                )));
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// The component of a course, or of a term of it; a new one is opened. It begins at `starts`
    /// where that is known, else `as_of` stands for it.
    ///
    /// # Errors
    /// [`Error::Policy`] for a term that begins less than 28 days after (or before) another one
    /// of its course, which is noted too, and for a course whose id had another type before.
    pub(super) fn component(
        &mut self,
        course: &Id,
        term: Option<&str>,
        starts: Option<i64>,
        as_of: i64,
    ) -> Result<u32> {
        if let Some(number) = self.names.place(course, term) {
            return Ok(number);
        }
        if self.names.other_type(course) {
            return Err(Error::Policy(format!(
                "course {course} was a string under this ledger and is an integer now, or the \
                 other way round; give it one type, or it would count as two courses"
            )));
        }
        let begins = starts.filter(|_| term.is_some()).unwrap_or(as_of);
        if let Some(term) = term.filter(|_| self.names.too_soon(course, begins)) {
            let (course, term) = (course.to_string(), term.to_string());
            let why = format!(
                "term {term} of course {course} begins less than 28 days from another one; a \
                 term has a history of releases of its own only from then on"
            );
            if !self.refused.contains(&(course.clone(), term.clone())) {
                self.write(&Entry::TermRefused {
                    course,
                    term,
                    begins,
                });
            }
            return Err(Error::Policy(why));
        }
        let number = u32::try_from(self.names.places().len()).unwrap_or(u32::MAX);
        self.write(&Entry::Component {
            number,
            course: course.to_string(),
            integer: matches!(course, Id::Int(_)),
            term: term.map(str::to_string),
            begins,
            starts,
        });
        Ok(number)
    }
}
