//! Enrollments of Canvas: students come and go, instructors have roles.

use super::super::batch::{Batch, EnrollmentFact, Fault, Row};
use super::super::caliper::{Event, clock};
use super::ids;
use crate::data::{Role, Verb, Zone};

/// What an event tells of an enrollment.
pub(super) struct Enrollment<'a> {
    pub(super) person: &'a str,
    pub(super) course: &'a str,
    pub(super) kind: &'a str,
    pub(super) state: &'a str,
    /// When the event was.
    pub(super) time: i64,
    /// When the enrollment was made, if that is told.
    pub(super) made: Option<i64>,
    /// Whether the event is its making.
    pub(super) fresh: bool,
    pub(super) session: Option<&'a str>,
    pub(super) id: Option<&'a str>,
}

impl Enrollment<'_> {
    /// Files it, with an event where a student comes or goes.
    ///
    /// # Errors
    /// The fault of an id that cannot be one.
    pub(super) fn file(&self, out: &mut Batch<'_>) -> Result<(), Fault> {
        let role = match self.kind {
            "StudentEnrollment" => return self.student(out),
            "TeacherEnrollment" => Role::Instructor,
            "TaEnrollment" => Role::CoInstructor,
            _ => {
                out.find("enrollments of observers, designers and test students, left out");
                return Ok(());
            }
        };
        if self.leaves() {
            return Ok(());
        }
        let person = out.learner(self.person)?.into_owned();
        out.facts.roles.push((person, self.course.to_owned(), role));
        Ok(())
    }

    fn leaves(&self) -> bool {
        matches!(self.state, "deleted" | "inactive" | "rejected")
    }

    fn student(&self, out: &mut Batch<'_>) -> Result<(), Fault> {
        let comes = matches!(self.state, "active" | "invited");
        let verb = match (comes, self.leaves()) {
            (true, _) if self.fresh => Some(Verb::Enrolled),
            (_, true) => Some(Verb::Unenrolled),
            _ => None,
        };
        if let Some(verb) = verb {
            let mut row = Row::new(self.person, self.time, verb);
            row.course = Some(self.course);
            row.session = self.session;
            row.id = self.id;
            out.event(&row)?;
        }
        if comes || self.leaves() {
            let time = self.made.filter(|_| comes).unwrap_or(self.time);
            let learner = out.learner(self.person)?.into_owned();
            out.facts.enrollments.push(EnrollmentFact {
                learner,
                course: self.course.to_owned(),
                time,
                enrolled: Some(comes),
                outcome: None,
            });
        }
        Ok(())
    }
}

/// Reads the Caliper form of an enrollment; `false` if the event is none.
///
/// # Errors
/// The fault of a time or an id that cannot be one.
pub(super) fn of_caliper(
    event: &Event<'_>,
    zone: Option<&Zone>,
    out: &mut Batch<'_>,
) -> Result<bool, Fault> {
    let object = event.object.id.get().unwrap_or_default();
    let Some(told) = &event.object.extensions.canvas else {
        return Ok(false);
    };
    if ids::kind(object) != "enrollment" {
        return Ok(false);
    }
    let account = told.account.get().or_else(|| {
        let actor = event.actor.extensions.canvas.as_ref()?;
        actor.account.get()
    });
    let account = account.and_then(|account| account.parse().ok());
    let course = told.course.required("course_id")?;
    Enrollment {
        person: &ids::learner(told.user.required("user_id")?, account),
        course: &ids::thing(course, account),
        kind: told.kind.get().unwrap_or_default(),
        state: told.state.get().unwrap_or_default(),
        time: clock(event.time.required("eventTime")?, zone, "eventTime")?,
        made: None,
        fresh: event.action.get() == Some("Created"),
        session: event
            .session
            .as_ref()
            .and_then(|session| session.id.get())
            .map(|id| ids::thing(id, account))
            .as_deref(),
        id: event.id.get(),
    }
    .file(out)?;
    Ok(true)
}
