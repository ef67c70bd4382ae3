//! What of Canvas Live Events becomes what.

use super::super::mapping::Mapping;
use crate::data::Verb::{
    self, Commented, Completed, Enrolled, Graded, Interacted, LoggedIn, LoggedOut, Posted,
    Progressed, Replied, Shared, Submitted, Unenrolled, Viewed,
};

/// The mapping tables: the name of an event, or type and action of its Caliper form where Canvas
/// means something else by them.
pub(in crate::ingest) const MAPPING: Mapping = Mapping {
    verbs: VERBS,
    fields: FIELDS,
};

const FIELDS: &[(&str, &str)] = &[
    (
        "learner",
        "the person in `body` (`user_id`, `student_id`, `author_id`, `user.id`), else `metadata.user_id`",
    ),
    ("time", "`metadata.event_time`"),
    (
        "content",
        "kind and number of the asset, assignment, quiz, discussion, page, file or conversation, such as `quiz:12`; a list in it as `/` and `asset_subtype`; a course as its number",
    ),
    ("verb", "`metadata.event_name` by the table below"),
    (
        "course",
        "`metadata.context_id` where `context_type` is `Course`, else the course in `body`",
    ),
    ("session", "`metadata.session_id`"),
    ("duration", "not told by Canvas"),
    ("position", "not told by Canvas"),
    ("position_to", "not told by Canvas"),
    ("speed", "not told by Canvas"),
    ("length", "not told by Canvas"),
    ("score", "`score` / `points_possible` of `grade_change`"),
    ("success", "not told by Canvas"),
    (
        "progress",
        "`requirement_completed_count` / `requirement_count` of `course_progress` and `course_completed`",
    ),
    ("attempt", "`attempt` of a submission"),
    ("response", "never read"),
    ("received", "not told by Canvas"),
    ("id", "`id` of the Caliper form; Canvas's own form has none"),
];

const VERBS: &[(&str, Verb)] = &[
    ("asset_accessed", Viewed),
    ("attachment_created", Interacted),
    ("attachment_deleted", Interacted),
    ("attachment_updated", Interacted),
    ("conversation_created", Posted),
    ("conversation_forwarded", Shared),
    ("conversation_message_created", Posted),
    ("course_completed", Completed),
    ("course_progress", Progressed),
    ("discussion_entry_created", Posted),
    (
        "discussion_entry_created (parent_discussion_entry_id)",
        Replied,
    ),
    ("discussion_entry_submitted", Posted),
    (
        "discussion_entry_submitted (parent_discussion_entry_id)",
        Replied,
    ),
    ("discussion_topic_created", Posted),
    ("discussion_topic_updated", Interacted),
    ("enrollment_created", Enrolled),
    ("enrollment_updated (deleted)", Unenrolled),
    ("grade_change", Graded),
    ("logged_in", LoggedIn),
    ("logged_out", LoggedOut),
    ("quiz_submitted", Submitted),
    ("submission_comment_created", Commented),
    ("submission_created", Submitted),
    ("submission_updated", Interacted),
    ("wiki_page_created", Interacted),
    ("wiki_page_deleted", Interacted),
    ("wiki_page_updated", Interacted),
    ("AssignableEvent Modified", Interacted),
    ("NavigationEvent NavigatedTo", Viewed),
];

/// Events about how a platform is run and courses are made; their facts are kept, if any.
const ADMINISTRATION: &[&str] = &[
    "account_created",
    "account_notification_created",
    "account_updated",
    "assignment_created",
    "assignment_group_created",
    "assignment_group_updated",
    "assignment_override_created",
    "assignment_override_updated",
    "assignment_updated",
    "content_migration_completed",
    "content_migration_started",
    "course_created",
    "course_grade_change",
    "course_section_created",
    "course_section_updated",
    "course_updated",
    "enrollment_created",
    "enrollment_state_created",
    "enrollment_state_updated",
    "enrollment_updated",
    "final_grade_custom_status",
    "grade_override",
    "group_category_created",
    "group_category_updated",
    "group_created",
    "group_membership_created",
    "group_membership_updated",
    "group_updated",
    "learning_outcome_created",
    "learning_outcome_group_created",
    "learning_outcome_group_updated",
    "learning_outcome_link_created",
    "learning_outcome_link_updated",
    "learning_outcome_result_created",
    "learning_outcome_result_updated",
    "learning_outcome_updated",
    "lti_resource_link_created",
    "lti_resource_link_updated",
    "master_migration_started",
    "module_created",
    "module_item_created",
    "module_item_updated",
    "module_updated",
    "outcome_calculation_method_created",
    "outcome_calculation_method_updated",
    "outcome_proficiency_created",
    "outcome_proficiency_updated",
    "outcomes_retry_outcome_alignment_clone",
    "plagiarism_resubmit",
    "quiz_created",
    "quiz_export_complete",
    "quiz_updated",
    "quizzes_next_quiz_duplicated",
    "rubric_assessed",
    "sis_batch_created",
    "sis_batch_updated",
    "submission_custom_grade_status",
    "syllabus_updated",
    "user_account_association_created",
    "user_created",
    "user_updated",
];

/// Kinds of things whose making and changing is what a learner does, too.
const LEARNERS_DO: &[&str] = &[
    "",
    "attachment",
    "conversation",
    "discussion",
    "discussionEntry",
    "discussion_topic",
    "submission",
    "wikiPage",
    "wiki_page",
];

/// Whether an event of this name is about administration.
pub(super) fn is_about_administration(name: &str) -> bool {
    ADMINISTRATION.contains(&name)
}

/// Whether making or changing such a thing is administration.
pub(super) fn is_administration(kind: &str) -> bool {
    !LEARNERS_DO.contains(&kind)
}
