//! Which events of the log become what. The reader looks them up here.

use crate::data::Verb;
use crate::ingest::mapping::Mapping;

use Verb::{
    Answered, Attempted, Bookmarked, Commented, Completed, Ended, Enrolled, Graded, Hinted,
    Interacted, Liked, LoggedIn, LoggedOut, Navigated, Noted, Passed, Paused, Played, Posted,
    Progressed, Replied, Searched, Seeked, Shared, Submitted, Terminated, Unenrolled, Viewed,
};

/// The mapping tables.
pub(in crate::ingest) const MAPPING: Mapping = Mapping {
    verbs: VERBS,
    fields: FIELDS,
};

/// What the name of a request is in the table: its own name is an address.
pub(super) const PAGE: &str = "/courses/…";
/// What the request to log out is in the table.
pub(super) const LOGOUT: &str = "/logout";

const VERBS: &[(&str, Verb)] = &[
    // problems
    ("problem_check", Submitted),
    ("problem_check_fail", Attempted),
    ("save_problem_success", Attempted),
    ("save_problem_fail", Attempted),
    ("showanswer", Hinted),
    ("edx.problem.hint.demandhint_displayed", Hinted),
    ("edx.problem.hint.feedback_displayed", Hinted),
    ("reset_problem", Interacted),
    ("reset_problem_fail", Interacted),
    ("edx.problem.completed", Completed),
    ("edx.grades.problem.submitted", Graded),
    ("edx.grades.problem.rescored", Graded),
    ("edx.grades.problem.score_overridden", Graded),
    // grades and certificates
    ("edx.grades.subsection.grade_calculated", Graded),
    ("edx.grades.subsection.score_overridden", Graded),
    ("edx.grades.course.grade_calculated", Graded),
    ("edx.course.grade.passed.first_time", Passed),
    ("edx.course.grade.now_passed", Passed),
    ("edx.course.grade.now_failed", Graded),
    ("edx.course.completed", Completed),
    ("edx.certificate.created", Passed),
    ("edx.certificate.shared", Shared),
    // completion
    ("edx.completion.block_completion.changed", Completed),
    ("edx.completion_aggregator.completion.chapter", Completed),
    ("edx.completion_aggregator.completion.sequential", Completed),
    ("edx.completion_aggregator.completion.vertical", Completed),
    ("edx.completion_aggregator.completion.course", Completed),
    ("edx.completion_aggregator.progress.chapter", Progressed),
    ("edx.completion_aggregator.progress.sequential", Progressed),
    ("edx.completion_aggregator.progress.vertical", Progressed),
    ("edx.completion_aggregator.progress.course", Progressed),
    ("edx.done.toggled", Completed),
    // video: the browser's names, then the newer ones of browsers and mobile apps
    ("load_video", Viewed),
    ("play_video", Played),
    ("pause_video", Paused),
    ("seek_video", Seeked),
    ("stop_video", Ended),
    ("complete_video", Completed),
    ("speed_change_video", Interacted),
    ("show_transcript", Interacted),
    ("hide_transcript", Interacted),
    ("video_show_cc_menu", Interacted),
    ("video_hide_cc_menu", Interacted),
    ("edx.video.loaded", Viewed),
    ("edx.video.played", Played),
    ("edx.video.paused", Paused),
    ("edx.video.position.changed", Seeked),
    ("edx.video.stopped", Ended),
    ("edx.video.completed", Completed),
    ("edx.video.speed.changed", Interacted),
    ("edx.video.transcript.shown", Interacted),
    ("edx.video.transcript.hidden", Interacted),
    ("edx.video.closed_captions.shown", Interacted),
    ("edx.video.closed_captions.hidden", Interacted),
    ("edx.video.language_menu.shown", Interacted),
    ("edx.video.language_menu.hidden", Interacted),
    ("edx.video.bumper.loaded", Interacted),
    ("edx.video.bumper.played", Interacted),
    ("edx.video.bumper.stopped", Interacted),
    ("edx.video.bumper.skipped", Interacted),
    ("edx.video.bumper.dismissed", Interacted),
    ("edx.video.bumper.transcript.shown", Interacted),
    ("edx.video.bumper.transcript.hidden", Interacted),
    ("edx.video.bumper.transcript.menu.shown", Interacted),
    ("edx.video.bumper.transcript.menu.hidden", Interacted),
    // navigation and pages
    ("seq_goto", Navigated),
    ("seq_next", Navigated),
    ("seq_prev", Navigated),
    ("edx.ui.lms.sequence.tab_selected", Navigated),
    ("edx.ui.lms.sequence.next_selected", Navigated),
    ("edx.ui.lms.sequence.previous_selected", Navigated),
    ("edx.ui.lms.outline.selected", Navigated),
    ("edx.ui.lms.jump_nav.selected", Navigated),
    ("edx.ui.lms.link_clicked", Navigated),
    ("edx.course.tool.accessed", Navigated),
    ("edx.course.home.resume_course.clicked", Navigated),
    ("page_close", Terminated),
    (PAGE, Viewed),
    // textbooks
    ("book", Viewed),
    ("textbook.pdf.page.navigated", Navigated),
    ("textbook.pdf.chapter.navigated", Navigated),
    ("textbook.pdf.thumbnail.navigated", Navigated),
    ("textbook.pdf.page.scrolled", Interacted),
    ("textbook.pdf.display.scaled", Interacted),
    ("textbook.pdf.outline.toggled", Interacted),
    ("textbook.pdf.thumbnails.toggled", Interacted),
    ("textbook.pdf.zoom.buttons.changed", Interacted),
    ("textbook.pdf.zoom.menu.changed", Interacted),
    ("textbook.pdf.search.executed", Searched),
    ("textbook.pdf.search.navigatednext", Searched),
    ("textbook.pdf.search.highlight.toggled", Interacted),
    ("textbook.pdf.searchcasesensitivity.toggled", Interacted),
    // discussions
    ("edx.forum.thread.created", Posted),
    ("edx.forum.response.created", Replied),
    ("edx.forum.comment.created", Commented),
    ("edx.forum.thread.viewed", Viewed),
    ("edx.forum.thread.voted", Liked),
    ("edx.forum.response.voted", Liked),
    ("edx.forum.comment.voted", Liked),
    ("edx.forum.searched", Searched),
    ("edx.forum.thread.edited", Interacted),
    ("edx.forum.response.edited", Interacted),
    ("edx.forum.comment.edited", Interacted),
    ("edx.forum.thread.deleted", Interacted),
    ("edx.forum.response.deleted", Interacted),
    ("edx.forum.comment.deleted", Interacted),
    ("edx.forum.thread.followed", Interacted),
    ("edx.forum.thread.unfollowed", Interacted),
    ("edx.forum.thread.reported", Interacted),
    ("edx.forum.thread.unreported", Interacted),
    ("edx.forum.response.reported", Interacted),
    ("edx.forum.response.unreported", Interacted),
    ("edx.forum.comment.reported", Interacted),
    ("edx.forum.comment.unreported", Interacted),
    ("edx.forum.response.mark", Interacted),
    ("edx.forum.response.unmark", Interacted),
    // notes and bookmarks
    ("edx.course.student_notes.added", Noted),
    ("edx.course.student_notes.edited", Noted),
    ("edx.course.student_notes.deleted", Interacted),
    ("edx.course.student_notes.viewed", Viewed),
    ("edx.course.student_notes.notes_page_viewed", Viewed),
    ("edx.course.student_notes.searched", Searched),
    ("edx.course.student_notes.used_unit_link", Navigated),
    ("edx.bookmark.added", Bookmarked),
    ("edx.bookmark.removed", Interacted),
    ("edx.bookmark.listed", Viewed),
    ("edx.bookmark.accessed", Navigated),
    // enrollment
    ("edx.course.enrollment.activated", Enrolled),
    ("edx.course.enrollment.deactivated", Unenrolled),
    ("edx.course.enrollment.mode_changed", Enrolled),
    ("edx.course.enrollment.upgrade.clicked", Interacted),
    ("edx.course.enrollment.upgrade.succeeded", Enrolled),
    // teams
    ("edx.team.created", Interacted),
    ("edx.team.changed", Interacted),
    ("edx.team.deleted", Interacted),
    ("edx.team.activity_updated", Interacted),
    ("edx.team.page_viewed", Viewed),
    ("edx.team.searched", Searched),
    // open assessments
    ("openassessmentblock.create_submission", Submitted),
    ("openassessmentblock.save_submission", Attempted),
    ("openassessmentblock.get_peer_submission", Viewed),
    ("openassessmentblock.peer_assess", Interacted),
    ("openassessmentblock.self_assess", Interacted),
    (
        "openassessmentblock.submit_feedback_on_assessments",
        Interacted,
    ),
    ("openassessment.student_training_assess_example", Attempted),
    ("openassessmentblock.upload_file", Interacted),
    ("openassessment.upload_file", Interacted),
    // exams
    ("edx.special_exam.timed.attempt.created", Interacted),
    ("edx.special_exam.timed.attempt.started", Attempted),
    ("edx.special_exam.timed.attempt.ready_to_submit", Interacted),
    ("edx.special_exam.timed.attempt.submitted", Submitted),
    ("edx.special_exam.practice.attempt.created", Interacted),
    (
        "edx.special_exam.practice.attempt.ready_to_start",
        Interacted,
    ),
    ("edx.special_exam.practice.attempt.started", Attempted),
    (
        "edx.special_exam.practice.attempt.ready_to_submit",
        Interacted,
    ),
    ("edx.special_exam.practice.attempt.submitted", Submitted),
    ("edx.special_exam.proctored.attempt.created", Interacted),
    (
        "edx.special_exam.proctored.attempt.ready_to_start",
        Interacted,
    ),
    ("edx.special_exam.proctored.attempt.started", Attempted),
    (
        "edx.special_exam.proctored.attempt.ready_to_submit",
        Interacted,
    ),
    ("edx.special_exam.proctored.attempt.submitted", Submitted),
    ("edx.special_exam.proctored.attempt.declined", Interacted),
    ("edx.special_exam.proctored.option-presented", Interacted),
    // polls, surveys and other blocks
    ("xblock.poll.submitted", Answered),
    ("xblock.poll.view_results", Viewed),
    ("xblock.survey.submitted", Answered),
    ("xblock.survey.view_results", Viewed),
    ("ubc.peer_instruction.accessed", Viewed),
    ("ubc.peer_instruction.original_submitted", Answered),
    ("ubc.peer_instruction.revised_submitted", Answered),
    ("edx.drag_and_drop_v2.loaded", Viewed),
    ("edx.drag_and_drop_v2.item.picked_up", Interacted),
    ("edx.drag_and_drop_v2.item.dropped", Attempted),
    ("edx.drag_and_drop_v2.feedback.opened", Interacted),
    ("edx.drag_and_drop_v2.feedback.closed", Interacted),
    ("edx.googlecomponent.calendar.displayed", Viewed),
    ("edx.googlecomponent.document.displayed", Viewed),
    ("microsoft.office.mix.loaded", Viewed),
    ("microsoft.office.mix.played", Played),
    ("microsoft.office.mix.paused", Paused),
    ("microsoft.office.mix.stopped", Ended),
    ("microsoft.office.mix.slide.loaded", Viewed),
    ("oppia.exploration.loaded", Viewed),
    ("oppia.exploration.state.changed", Interacted),
    ("oppia.exploration.completed", Completed),
    // sessions
    ("edx.bi.user.account.authenticated", LoggedIn),
    ("edx.bi.app.user.login", LoggedIn),
    ("edx.bi.app.user.logout", LoggedOut),
    (LOGOUT, LoggedOut),
];

const FIELDS: &[(&str, &str)] = &[
    (
        "learner",
        "`context.user_id`, else `user_id`; where the event is about a learner (grades, completion, \
         enrollment, certificates, exams): `event.user_id` or `event.attempt_user_id`",
    ),
    (
        "time",
        "`time`, else `timestamp`; without an offset it is UTC",
    ),
    (
        "content",
        "the usage key in `event` (`usage_key`, `problem_id`, `problem`, `module_id`, `block_id`, \
         `component_usage_id`, `usage_id`, `exam_content_id`, `id`, `target_url`), else in \
         `context.module`, else in the address of the page; of discussions the thread; else the \
         course",
    ),
    ("verb", "`name`, else `event_type`"),
    (
        "course",
        "`context.course_id`, else `event.course_id`, else from the usage key or the address",
    ),
    ("session", "`session`, else `context.session`"),
    (
        "position",
        "`event.currentTime` or `current_time`; of a seek `event.old_time`",
    ),
    ("position_to", "`event.new_time` of a seek"),
    ("speed", "`event.new_speed` of a change of speed"),
    ("length", "`event.duration` of a video"),
    (
        "score",
        "`event.grade` / `max_grade`, `weighted_earned` / `weighted_possible` (also those of a \
         subsection), or `percent_grade`",
    ),
    (
        "success",
        "`event.success` (`correct`, `incorrect`) or `is_correct`",
    ),
    (
        "progress",
        "`event.completion` or `percent` of events of completion",
    ),
    ("attempt", "`event.attempts` or `attempt_number`"),
    (
        "response",
        "the option chosen in a problem of one question (`event.answers`) or in a poll \
         (`event.choice`); never what a learner typed",
    ),
    (
        "catalog",
        "`kind` from the type of the block, `length` from `event.duration`, `max_score` from \
         `max_grade` or `weighted_possible`, `module` from the chapter in the address of the page",
    ),
    (
        "enrollments",
        "`edx.course.enrollment.*`; `outcome` is `pass` once there is a certificate",
    ),
    (
        "memberships",
        "`edx.cohort.user_added` and `.user_removed`, `edx.team.learner_added` and \
         `.learner_removed`, as `cohort-…` and `team-…`",
    ),
    (
        "roles",
        "`event.user_course_roles` of discussions: `instructor`, and `staff` as co-instructor",
    ),
];

/// Events that are about `event.user_id` (or `attempt_user_id`), whoever set them off.
pub(super) const ABOUT_SOMEONE: &[&str] = &[
    "edx.grades.",
    "edx.course.grade.",
    "edx.course.completed",
    "edx.completion.",
    "edx.completion_aggregator.",
    "edx.course.enrollment.",
    "edx.certificate.created",
    "edx.special_exam.",
    "edx.cohort.user_",
    "edx.team.learner_",
    "edx.problem.completed",
];

/// Events that tell of a membership and of nothing that the learner did.
pub(super) const MEMBERSHIPS: &[(&str, bool)] = &[
    ("edx.cohort.user_added", true),
    ("edx.cohort.user_removed", false),
    ("edx.team.learner_added", true),
    ("edx.team.learner_removed", false),
];

/// What the browser writes of acts that the server writes, too, and with their outcome; the names
/// of a check are the same, so there the source decides.
pub(super) const COPIES: &[&str] = &[
    "problem_check",
    "problem_graded",
    "problem_show",
    "problem_save",
    "problem_reset",
];

/// What the platform did by itself, or what has nothing to do with studying.
pub(super) const BESIDE: &[&str] = &[
    "edx.librarycontentblock.content.assigned",
    "edx.librarycontentblock.content.removed",
    "xmodule.partitions.assigned_user_to_partition",
    "xblock.split_test.child_render",
    "edx.cohort.created",
    "edx.certificate.evidence_visited",
    "edx.user.settings.viewed",
    "edx.user.settings.change_initiated",
    "edx.user.settings.changed",
    "edx.special_exam.timed.attempt.deleted",
    "edx.special_exam.practice.attempt.deleted",
    "edx.special_exam.practice.attempt.error",
    "edx.special_exam.practice.attempt.download_software_clicked",
    "edx.special_exam.proctored.attempt.deleted",
    "edx.special_exam.proctored.attempt.error",
    "edx.special_exam.proctored.attempt.rejected",
    "edx.special_exam.proctored.attempt.review_received",
    "edx.special_exam.proctored.attempt.verified",
    "edx.special_exam.proctored.attempt.download_software_clicked",
];

/// What only the team of a course does; names that end in a dot are the beginnings of others.
pub(super) const COURSE_TEAM: &[&str] = &[
    "edx.instructor.",
    "edx.cohort.creation_requested",
    "edx.cohort.user_add_requested",
    "edx.special_exam.timed.allowance.",
    "edx.special_exam.practice.allowance.",
    "edx.special_exam.proctored.allowance.",
    "edx.special_exam.timed.created",
    "edx.special_exam.timed.updated",
    "edx.special_exam.practice.created",
    "edx.special_exam.practice.updated",
    "edx.special_exam.proctored.created",
    "edx.special_exam.proctored.updated",
    "openassessmentblock.get_submission_for_staff_grading",
    "openassessmentblock.staff_assess",
    "problem_rescore",
    "problem_rescore_fail",
    "add-forum-admin",
    "add-forum-community-TA",
    "add-forum-mod",
    "add-instructor",
    "add-or-remove-user-group",
    "delete-student-module-state",
    "dump-answer-dist-csv",
    "dump-graded-assignments-config",
    "dump-grades",
    "dump-grades-csv",
    "dump-grades-csv-raw",
    "dump-grades-raw",
    "get-student-progress-page",
    "list-beta-testers",
    "list-forum-admins",
    "list-forum-community-TAs",
    "list-forum-mods",
    "list-instructors",
    "list-staff",
    "list-students",
    "remove-forum-admin",
    "remove-forum-community-TA",
    "remove-forum-mod",
    "remove-instructor",
    "rescore-all-submissions",
    "rescore-student-submission",
    "reset-all-attempts",
    "reset-student-attempts",
];

/// Whether one of the names, or the beginning of one that ends in a dot or underscore, fits.
pub(super) fn among(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| {
        if known.ends_with(['.', '_']) {
            name.starts_with(known)
        } else {
            name == *known
        }
    })
}
