//! What of Caliper becomes what.

use std::collections::HashMap;

use super::super::mapping::Mapping;
use crate::data::Verb::{
    self, Answered, Attempted, Bookmarked, Commented, Completed, Downloaded, Ended, Enrolled,
    Graded, Highlighted, Interacted, Liked, LoggedIn, LoggedOut, Navigated, Noted, Paused, Played,
    Posted, Replied, Searched, Seeked, Shared, Submitted, Unenrolled, Viewed,
};

/// The mapping tables: the type of the event and its action, and how the columns are filled.
pub(in crate::ingest) const MAPPING: Mapping = Mapping {
    verbs: VERBS,
    fields: FIELDS,
};

const FIELDS: &[(&str, &str)] = &[
    (
        "learner",
        "`actor.id`; for what concerns an `Attempt`, its `assignee`; for `TimedOut`, the session's `user`",
    ),
    ("time", "`eventTime`, less the duration where there is one"),
    (
        "content",
        "`object.id`; of an `Attempt` its `assignable`, of a `Message` its `Thread` or `Forum`, of a tool launch the launched link; none for sessions and enrollments",
    ),
    ("verb", "`type` and `action` by the table below"),
    (
        "course",
        "`group.id` or what it is a `subOrganizationOf`, else the `membership`'s `organization`, else the extension `course_id`",
    ),
    ("session", "`session.id`"),
    (
        "duration",
        "`duration` of the `Attempt` or `Response` that the event finishes",
    ),
    (
        "position",
        "`target.currentTime` of media; for jumps the extension `old_time` only",
    ),
    (
        "position_to",
        "for jumps, `target.currentTime` or the extension `new_time`",
    ),
    ("speed", "not told by Caliper"),
    ("length", "`object.duration` of media"),
    (
        "score",
        "`scoreGiven` / `maxScore` of the `Score`; else the extensions `grade` / `max_grade` or `weighted_earned` / `weighted_possible`",
    ),
    ("success", "the extension `success` of the object"),
    ("progress", "not told by Caliper"),
    ("segments", "not told by Caliper"),
    (
        "attempt",
        "`count` of the `Attempt`, else the extension `attempts`",
    ),
    (
        "response",
        "options chosen: `value`, `values` or `selections` of a response or rating, several joined by `[,]`; never free text",
    ),
    ("received", "not filled"),
    ("id", "`id`"),
];

/// Types of responses whose values are options that were offered.
pub(super) const CHOICES: &[&str] = &[
    "MultipleChoiceResponse",
    "MultipleResponseResponse",
    "MultiselectResponse",
    "RatingScaleResponse",
    "SelectTextResponse",
    "TrueFalseResponse",
    "Rating",
];

const VERBS: &[(&str, Verb)] = &[
    ("AnnotationEvent Attached", Noted),
    ("AnnotationEvent Bookmarked", Bookmarked),
    ("AnnotationEvent Classified", Noted),
    ("AnnotationEvent Commented", Commented),
    ("AnnotationEvent Described", Noted),
    ("AnnotationEvent Disliked", Interacted),
    ("AnnotationEvent Highlighted", Highlighted),
    ("AnnotationEvent Identified", Noted),
    ("AnnotationEvent Liked", Liked),
    ("AnnotationEvent Linked", Noted),
    ("AnnotationEvent Questioned", Noted),
    ("AnnotationEvent Recommended", Shared),
    ("AnnotationEvent Shared", Shared),
    ("AnnotationEvent Subscribed", Interacted),
    ("AnnotationEvent Tagged", Noted),
    ("AssessmentEvent Started", Attempted),
    ("AssessmentEvent Paused", Interacted),
    ("AssessmentEvent Resumed", Interacted),
    ("AssessmentEvent Restarted", Attempted),
    ("AssessmentEvent Reset", Interacted),
    ("AssessmentEvent Submitted", Submitted),
    ("AssessmentItemEvent Started", Attempted),
    ("AssessmentItemEvent Skipped", Interacted),
    ("AssessmentItemEvent Completed", Answered),
    ("AssessmentItemEvent Reviewed", Viewed),
    ("AssessmentItemEvent Viewed", Viewed),
    ("AssignableEvent Abandoned", Verb::Terminated),
    ("AssignableEvent Activated", Interacted),
    ("AssignableEvent Deactivated", Interacted),
    ("AssignableEvent Started", Attempted),
    ("AssignableEvent Completed", Completed),
    ("AssignableEvent Submitted", Submitted),
    ("AssignableEvent Reviewed", Viewed),
    ("AssignableEvent Hid", Interacted),
    ("AssignableEvent Showed", Interacted),
    ("FeedbackEvent Commented", Commented),
    ("FeedbackEvent Ranked", Interacted),
    ("ForumEvent Subscribed", Interacted),
    ("ForumEvent Unsubscribed", Interacted),
    ("GradeEvent Graded", Graded),
    ("MediaEvent Started", Played),
    ("MediaEvent Resumed", Played),
    ("MediaEvent Restarted", Played),
    ("MediaEvent Paused", Paused),
    ("MediaEvent Ended", Ended),
    ("MediaEvent ForwardedTo", Seeked),
    ("MediaEvent JumpedTo", Seeked),
    ("MediaEvent Rewound", Seeked),
    ("MediaEvent ChangedResolution", Interacted),
    ("MediaEvent ChangedSize", Interacted),
    ("MediaEvent ChangedSpeed", Interacted),
    ("MediaEvent ChangedVolume", Interacted),
    ("MediaEvent ClosedPopout", Interacted),
    ("MediaEvent DisabledClosedCaptioning", Interacted),
    ("MediaEvent EnabledClosedCaptioning", Interacted),
    ("MediaEvent EnteredFullScreen", Interacted),
    ("MediaEvent ExitedFullScreen", Interacted),
    ("MediaEvent Muted", Interacted),
    ("MediaEvent OpenedPopout", Interacted),
    ("MediaEvent Unmuted", Interacted),
    ("MessageEvent MarkedAsRead", Viewed),
    ("MessageEvent MarkedAsUnread", Interacted),
    ("MessageEvent Posted", Posted),
    ("MessageEvent Posted (replyTo)", Replied),
    ("NavigationEvent NavigatedTo", Navigated),
    ("OutcomeEvent Graded", Graded),
    ("QuestionnaireEvent Started", Attempted),
    ("QuestionnaireEvent Submitted", Submitted),
    ("QuestionnaireItemEvent Started", Attempted),
    ("QuestionnaireItemEvent Skipped", Interacted),
    ("QuestionnaireItemEvent Completed", Answered),
    ("ReadingEvent NavigatedTo", Navigated),
    ("ReadingEvent Searched", Searched),
    ("ReadingEvent Viewed", Viewed),
    ("ResourceManagementEvent Archived", Interacted),
    ("ResourceManagementEvent Copied", Interacted),
    ("ResourceManagementEvent Created", Interacted),
    ("ResourceManagementEvent Deleted", Interacted),
    ("ResourceManagementEvent Described", Interacted),
    ("ResourceManagementEvent Downloaded", Downloaded),
    ("ResourceManagementEvent Modified", Interacted),
    ("ResourceManagementEvent Printed", Interacted),
    ("ResourceManagementEvent Published", Interacted),
    ("ResourceManagementEvent Restored", Interacted),
    ("ResourceManagementEvent Retrieved", Viewed),
    ("ResourceManagementEvent Saved", Interacted),
    ("ResourceManagementEvent Unpublished", Interacted),
    ("ResourceManagementEvent Uploaded", Interacted),
    ("SearchEvent Searched", Searched),
    ("SessionEvent LoggedIn", LoggedIn),
    ("SessionEvent LoggedOut", LoggedOut),
    ("SessionEvent TimedOut", LoggedOut),
    ("SurveyEvent OptedIn", Interacted),
    ("SurveyEvent OptedOut", Interacted),
    ("SurveyInvitationEvent Accepted", Interacted),
    ("SurveyInvitationEvent Declined", Interacted),
    ("SurveyInvitationEvent Sent", Interacted),
    ("ThreadEvent Created", Posted),
    ("ThreadEvent MarkedAsRead", Viewed),
    ("ThreadEvent MarkedAsUnread", Interacted),
    ("ToolLaunchEvent Launched", Viewed),
    ("ToolLaunchEvent Returned", Navigated),
    ("ToolUseEvent Used", Interacted),
    ("ViewEvent Viewed", Viewed),
    ("Event Accepted", Interacted),
    ("Event Activated", Interacted),
    ("Event Activated (Membership)", Enrolled),
    ("Event Added", Interacted),
    ("Event Archived", Interacted),
    ("Event Attached", Noted),
    ("Event Bookmarked", Bookmarked),
    ("Event Classified", Noted),
    ("Event Commented", Commented),
    ("Event Completed", Completed),
    ("Event Copied", Interacted),
    ("Event Created", Interacted),
    ("Event Deactivated", Interacted),
    ("Event Deactivated (Membership)", Unenrolled),
    ("Event Declined", Interacted),
    ("Event Deleted", Interacted),
    ("Event Described", Noted),
    ("Event Disliked", Interacted),
    ("Event Downloaded", Downloaded),
    ("Event Graded", Graded),
    ("Event Hid", Interacted),
    ("Event Highlighted", Highlighted),
    ("Event Identified", Noted),
    ("Event Launched", Viewed),
    ("Event Liked", Liked),
    ("Event Linked", Noted),
    ("Event LoggedIn", LoggedIn),
    ("Event LoggedOut", LoggedOut),
    ("Event MarkedAsRead", Viewed),
    ("Event MarkedAsUnread", Interacted),
    ("Event Modified", Interacted),
    ("Event NavigatedTo", Navigated),
    ("Event OptedIn", Interacted),
    ("Event OptedOut", Interacted),
    ("Event Posted", Posted),
    ("Event Printed", Interacted),
    ("Event Published", Interacted),
    ("Event Questioned", Noted),
    ("Event Ranked", Interacted),
    ("Event Recommended", Shared),
    ("Event Removed", Interacted),
    ("Event Restored", Interacted),
    ("Event Retrieved", Interacted),
    ("Event Returned", Navigated),
    ("Event Reviewed", Viewed),
    ("Event Saved", Interacted),
    ("Event Searched", Searched),
    ("Event Sent", Interacted),
    ("Event Shared", Shared),
    ("Event Showed", Interacted),
    ("Event Skipped", Interacted),
    ("Event Started", Attempted),
    ("Event Submitted", Submitted),
    ("Event Subscribed", Interacted),
    ("Event Tagged", Noted),
    ("Event TimedOut", LoggedOut),
    ("Event Unpublished", Interacted),
    ("Event Unsubscribed", Interacted),
    ("Event Uploaded", Interacted),
    ("Event Used", Interacted),
    ("Event Viewed", Viewed),
];

/// A mapping by the type of the event, for looking verbs up.
pub(in crate::ingest) struct Verbs(HashMap<&'static str, Vec<(&'static str, Verb)>>);

impl Verbs {
    pub(in crate::ingest) fn new(mapping: &Mapping) -> Self {
        let mut by_kind: HashMap<_, Vec<_>> = HashMap::new();
        for (source, verb) in mapping.verbs {
            if let Some((kind, action)) = source.split_once(' ') {
                by_kind.entry(kind).or_default().push((action, *verb));
            }
        }
        Self(by_kind)
    }

    /// The verb of a type and an action; `mark` tells rows of one pair apart.
    pub(super) fn find(&self, kind: &str, action: &str, mark: &str) -> Option<Verb> {
        let rows = self.0.get(kind)?;
        let found = rows
            .iter()
            .find(|(row, _)| row.strip_suffix(mark) == Some(action));
        found.map(|(_, verb)| *verb)
    }
}
