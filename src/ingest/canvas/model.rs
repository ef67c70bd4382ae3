//! The properties of Canvas's own form of its events that kohort reads.

use std::marker::PhantomData;

use super::super::caliper::{FromJson, Json, Number, TWICE, Text, object};

object! {
    /// An event: what it is about, and what happened.
    Raw<'a> {
        metadata: Option<Box<Metadata<'a>>> = "metadata",
        body: Option<Box<Body<'a>>> = "body",
    }
}

impl Raw<'_> {
    fn of_object() -> Self {
        Self::default()
    }
}

object! {
    /// Who did it, when and where.
    Metadata<'a> {
        name: Text<'a> = "event_name",
        time: Text<'a> = "event_time",
        user: Number<'a> = "user_id",
        real_user: Number<'a> = "real_user_id",
        session: Number<'a> = "session_id",
        context: Number<'a> = "context_id",
        context_type: Text<'a> = "context_type",
        account: Number<'a> = "root_account_id",
    }
}

impl Metadata<'_> {
    fn of_object() -> Self {
        Self::default()
    }
}

object! {
    /// What happened; which of these are there depends on the event.
    Body<'a> {
        asset: Number<'a> = "asset_id",
        asset_type: Text<'a> = "asset_type",
        asset_subtype: Text<'a> = "asset_subtype",
        assignment: Number<'a> = "assignment_id",
        attachment: Number<'a> = "attachment_id",
        attempt: Option<f64> = "attempt",
        author: Number<'a> = "author_id",
        context: Number<'a> = "context_id",
        context_type: Text<'a> = "context_type",
        conversation: Number<'a> = "conversation_id",
        course: Option<Box<Numbered<'a>>> = "course",
        course_id: Number<'a> = "course_id",
        created: Text<'a> = "created_at",
        group: Number<'a> = "group_id",
        kind: Text<'a> = "type",
        parent_entry: Number<'a> = "parent_discussion_entry_id",
        points: Option<f64> = "points_possible",
        progress: Option<Box<Progress<'a>>> = "progress",
        quiz: Number<'a> = "quiz_id",
        role: Text<'a> = "role",
        score: Option<f64> = "score",
        state: Text<'a> = "workflow_state",
        student: Number<'a> = "student_id",
        submission: Number<'a> = "submission_id",
        topic: Number<'a> = "discussion_topic_id",
        user: Option<Box<Numbered<'a>>> = "user",
        user_id: Number<'a> = "user_id",
        wiki_page: Number<'a> = "wiki_page_id",
    }
}

impl Body<'_> {
    fn of_object() -> Self {
        Self::default()
    }
}

object! {
    /// A course or a person, by number.
    Numbered<'a> {
        id: Number<'a> = "id",
    }
}

impl Numbered<'_> {
    fn of_object() -> Self {
        Self::default()
    }
}

object! {
    /// How many requirements of a course are met.
    Progress<'a> {
        ; life: PhantomData<&'a ()>,
        done: Option<f64> = "requirement_completed_count",
        all: Option<f64> = "requirement_count",
    }
}

impl Progress<'_> {
    fn of_object() -> Self {
        Self::default()
    }
}
