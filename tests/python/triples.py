"""What one learner does in one course, each act written down as three standards would tell it.

The records are written by hand from the public specifications: the tracking log of Open edX,
xAPI 1.0.3 with the video profile, and Caliper 1.1 and 1.2. Ids are the keys of Open edX, which are
IRIs as they stand, and the platform's account is a name in xAPI and an address in Caliper.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]

HOME = "https://lms.example.org"
COURSE = "course-v1:Uni+Stats1+2024"
SESSION = "urn:uuid:5e1b6f0a-3c1d-4a57-9d02-8b7f6e5d4c3b"
USER = 7


def block(kind: str, name: str) -> str:
    """Name a block of the course."""
    return f"block-v1:Uni+Stats1+2024+type@{kind}+block@{name}"


VIDEO = block("video", "v1")
PROBLEM = block("problem", "p1")
SEQUENCE = block("sequential", "s1")
UNIT = block("vertical", "u1")
ESSAY = block("openassessment", "e1")
POLL = block("poll", "q1")
SURVEY = block("survey", "q2")
DRAG = block("drag-and-drop-v2", "d1")
DOCUMENT = block("google-document", "g1")
PEERS = block("ubcpi", "i1")
GAME = block("oppia", "o1")
THREAD = "65e6c0a1f2d3b4a5968778a9"
BOOK = "asset-v1:Uni+Stats1+2024+type@asset+block@reader.pdf"


@dataclass(frozen=True)
class Act:
    """One thing that was done, and the verb that all three must give."""

    verb: str
    log: Record
    xapi: Record | None
    caliper: Record | None
    #: Columns that some format cannot tell, or a whole format, with the reason.
    untold: dict[str, str] = field(default_factory=dict)


def log(name: str, event: Record, **more: object) -> Record:
    """Write an event of the server."""
    return {"name": name, "event_type": name, "event_source": "server", "event": event, **more}


def page(name: str, event: Record) -> Record:
    """Write an event of a browser, whose detail is a text."""
    import json

    return {
        "event_type": name,
        "event_source": "browser",
        "event": json.dumps(event),
        "page": f"{HOME}/courses/{COURSE}/courseware/c1/s1/",
    }


def inside(name: str, key: str, event: Record | None = None) -> Record:
    """Write an event of the server that names its block beside the detail."""
    return {**log(name, event or {}), "module": key}


ADL = "http://adlnet.gov/expapi/verbs/"
VIDEO_PROFILE = "https://w3id.org/xapi/video/"
TIN_CAN = "http://id.tincanapi.com/verb/"
STREAMS = "http://activitystrea.ms/schema/1.0/"
ACROSS = "https://w3id.org/xapi/acrossx/verbs/"
BOOKS = "https://w3id.org/xapi/adb/verbs/"
TRAINING = "https://w3id.org/xapi/dod-isd/verbs/"


def statement(verb: str, thing: str, result: Record | None = None, attempt: int | None = None) -> Record:
    """Write a statement on a thing."""
    told: Record = {"verb": {"id": verb}, "object": {"id": thing}}
    if result is not None:
        told["result"] = result
    if attempt is not None:
        told["object"]["definition"] = {
            "extensions": {"http://id.tincanapi.com/extension/attempt-id": attempt}
        }
    return told


def at(**seconds: float) -> Record:
    """Write positions in a film, under the names of the profile."""
    names = {"now": "time", "start": "time-from", "end": "time-to"}
    return {"extensions": {f"{VIDEO_PROFILE}extensions/{names[k]}": v for k, v in seconds.items()}}


def event(kind: str, action: str, thing: Record, **more: object) -> Record:
    """Write an event of Caliper."""
    return {"type": kind, "action": action, "object": thing, **more}


def entity(kind: str, key: str, **more: object) -> Record:
    """Write an entity of Caliper."""
    return {"id": key, "type": kind, **more}


def media(action: str, now: str | None = None, **extensions: float) -> Record:
    """Write a media event, at a position if it has one."""
    film = entity("VideoObject", VIDEO)
    if extensions:
        film["extensions"] = extensions
    told = event("MediaEvent", action, film)
    if now is not None:
        told["target"] = {"id": f"{VIDEO}#t={now}", "type": "MediaLocation", "currentTime": now}
    return told


def score(given: float, most: float, assignable: Record) -> Record:
    """Write a grade that software gives to an attempt of the learner."""
    learner = entity("Person", f"{HOME}/users/{USER}")
    attempt = entity("Attempt", f"{HOME}/attempts/1", assignee=learner, assignable=assignable)
    made = entity("Score", f"{HOME}/scores/1", attempt=attempt, scoreGiven=given, maxScore=most)
    grader = entity("SoftwareApplication", HOME)
    return event("GradeEvent", "Graded", attempt, generated=made, actor=grader)


NO_ENDED = "xAPI has `terminated` and `completed` for films, none for reaching the end"
NO_OBJECT = "Caliper has no object that is studied here; the others name the course"
NO_SESSION_OBJECT = "a statement must have an object, which is the platform; a session has none"
NO_HINT = "Caliper has no word for it"

FILMS = [
    Act(
        "viewed",
        page("load_video", {"id": "v1", "code": "html5"}),
        statement(ADL + "initialized", VIDEO),
        event("ViewEvent", "Viewed", entity("VideoObject", VIDEO)),
    ),
    Act(
        "played",
        page("play_video", {"id": "v1", "currentTime": 0}),
        statement(VIDEO_PROFILE + "verbs/played", VIDEO, at(now=0)),
        media("Started", "PT0S"),
    ),
    Act(
        "paused",
        page("pause_video", {"id": "v1", "currentTime": "30.5"}),
        statement(VIDEO_PROFILE + "verbs/paused", VIDEO, at(now=30.5)),
        media("Paused", "PT30.5S"),
    ),
    Act(
        "seeked",
        page("seek_video", {"id": "v1", "old_time": 30.5, "new_time": 95, "type": "onSlideSeek"}),
        statement(VIDEO_PROFILE + "verbs/seeked", VIDEO, at(start=30.5, end=95)),
        media("JumpedTo", "PT1M35S", old_time=30.5, new_time=95),
    ),
    Act(
        "interacted",
        page("speed_change_video", {"id": "v1", "current_time": 95, "new_speed": "1.5"}),
        statement(ADL + "interacted", VIDEO, at(now=95)),
        media("ChangedSpeed", "PT95S"),
    ),
    Act(
        "interacted",
        page("show_transcript", {"id": "v1", "currentTime": 96}),
        statement(ADL + "interacted", VIDEO, at(now=96)),
        media("EnabledClosedCaptioning", "PT96S"),
    ),
    Act(
        "interacted",
        page("hide_transcript", {"id": "v1", "currentTime": 97}),
        statement(ADL + "interacted", VIDEO, at(now=97)),
        media("DisabledClosedCaptioning", "PT97S"),
    ),
    Act(
        "played",
        log("edx.video.played", {"module_id": VIDEO, "currentTime": 97.25}),
        statement(VIDEO_PROFILE + "verbs/played", VIDEO, at(now=97.25)),
        media("Resumed", "PT97.25S"),
    ),
    Act(
        "seeked",
        log("edx.video.position.changed", {"module_id": VIDEO, "old_time": 120, "new_time": 90}),
        statement(VIDEO_PROFILE + "verbs/seeked", VIDEO, at(start=120, end=90)),
        media("JumpedTo", "PT90S", old_time=120),
    ),
    Act(
        "paused",
        log("edx.video.paused", {"module_id": VIDEO, "currentTime": 150}),
        statement(VIDEO_PROFILE + "verbs/paused", VIDEO, at(now=150)),
        media("Paused", "PT2M30S"),
    ),
    Act(
        "ended",
        page("stop_video", {"id": "v1", "currentTime": 180}),
        None,
        media("Ended", "PT3M"),
        {"xapi": NO_ENDED},
    ),
    Act(
        "completed",
        log("edx.video.completed", {"module_id": VIDEO, "currentTime": 180}),
        statement(ADL + "completed", VIDEO, at(now=180)),
        {**event("Event", "Completed", entity("VideoObject", VIDEO)), "target": media("", "PT3M")["target"]},
    ),
]

QUIZ = entity("Assessment", PROBLEM)
QUESTION = entity("AssessmentItem", PROBLEM)
CHECKED = {"grade": 3, "max_grade": 4, "success": True, "attempts": 2}

PROBLEMS = [
    Act(
        "submitted",
        log("problem_check", {"problem_id": PROBLEM, **CHECKED, "success": "correct"}),
        statement(STREAMS + "submit", PROBLEM, {"score": {"scaled": 0.75}, "success": True}, 2),
        event("AssessmentEvent", "Submitted", {**QUIZ, "extensions": CHECKED}),
    ),
    Act(
        "submitted",
        log(
            "problem_check",
            {"problem_id": PROBLEM, "grade": 0, "max_grade": 4, "success": "incorrect", "attempts": 1},
        ),
        statement(STREAMS + "submit", PROBLEM, {"score": {"raw": 0, "max": 4}, "success": False}, 1),
        event(
            "AssessmentEvent",
            "Submitted",
            {**QUIZ, "extensions": {"grade": 0, "max_grade": 4, "success": False}},
            generated=entity("Attempt", f"{HOME}/attempts/1", count=1),
        ),
    ),
    Act(
        "attempted",
        log("save_problem_success", {"problem_id": PROBLEM}),
        statement(ADL + "attempted", PROBLEM),
        event("AssessmentItemEvent", "Started", QUESTION),
    ),
    Act(
        "interacted",
        log("reset_problem", {"problem_id": PROBLEM}),
        statement(ADL + "interacted", PROBLEM),
        event("AssessmentEvent", "Reset", QUIZ),
    ),
    Act(
        "hinted",
        log("edx.problem.hint.demandhint_displayed", {"module_id": PROBLEM, "hint_index": 0}),
        statement(ADL + "asked", PROBLEM),
        None,
        {"caliper": NO_HINT},
    ),
    Act(
        "hinted",
        log("showanswer", {"problem_id": PROBLEM}),
        statement(ADL + "asked", PROBLEM),
        None,
        {"caliper": NO_HINT},
    ),
    Act(
        "graded",
        log(
            "edx.grades.problem.submitted",
            {"problem_id": PROBLEM, "user_id": USER, "weighted_earned": 1, "weighted_possible": 2},
        ),
        statement(ADL + "scored", PROBLEM, {"score": {"scaled": 0.5, "raw": 1, "min": 0, "max": 2}}),
        score(1, 2, QUIZ),
    ),
    Act(
        "graded",
        log(
            "edx.grades.subsection.grade_calculated",
            {
                "block_id": SEQUENCE,
                "user_id": str(USER),
                "weighted_graded_earned": 3,
                "weighted_graded_possible": 8,
            },
        ),
        statement(TRAINING + "scored", SEQUENCE, {"score": {"raw": 3, "max": 8}}),
        score(3, 8, entity("AssignableDigitalResource", SEQUENCE)),
    ),
    Act(
        "graded",
        log(
            "edx.grades.course.grade_calculated", {"user_id": USER, "course_id": COURSE, "percent_grade": 0.5}
        ),
        statement(ADL + "scored", COURSE, {"score": {"scaled": 0.5}}),
        score(50, 100, entity("AssignableDigitalResource", COURSE)),
    ),
    Act(
        "passed",
        log("edx.course.grade.passed.first_time", {"user_id": USER, "course_id": COURSE}),
        statement(ADL + "passed", COURSE),
        None,
        {"caliper": "Caliper tells scores, not whether they suffice"},
    ),
    Act(
        "answered",
        inside("xblock.poll.submitted", POLL, {"choice": "R"}),
        statement(ADL + "answered", POLL),
        event("QuestionnaireItemEvent", "Completed", entity("QuestionnaireItem", POLL)),
    ),
    Act(
        "viewed",
        inside("xblock.poll.view_results", POLL),
        statement(TIN_CAN + "viewed", POLL),
        event("ViewEvent", "Viewed", entity("DigitalResource", POLL)),
    ),
    Act(
        "answered",
        inside("xblock.survey.submitted", SURVEY),
        statement(ADL + "responded", SURVEY),
        event("AssessmentItemEvent", "Completed", entity("AssessmentItem", SURVEY)),
    ),
    Act(
        "viewed",
        inside("edx.drag_and_drop_v2.loaded", DRAG),
        statement(ADL + "experienced", DRAG),
        event("AssessmentItemEvent", "Viewed", entity("AssessmentItem", DRAG)),
    ),
    Act(
        "attempted",
        inside("edx.drag_and_drop_v2.item.dropped", DRAG, {"is_correct": True}),
        statement(ADL + "attempted", DRAG, {"success": True}),
        event(
            "AssessmentItemEvent",
            "Started",
            entity("AssessmentItem", DRAG, extensions={"success": True}),
        ),
    ),
    Act(
        "answered",
        inside("ubc.peer_instruction.original_submitted", PEERS),
        statement(TRAINING + "answered", PEERS),
        event("AssessmentItemEvent", "Completed", entity("AssessmentItem", PEERS)),
    ),
    Act(
        "attempted",
        inside("openassessmentblock.save_submission", ESSAY),
        statement(ADL + "attempted", ESSAY),
        event("AssignableEvent", "Started", entity("AssignableDigitalResource", ESSAY)),
    ),
    Act(
        "submitted",
        inside("openassessmentblock.create_submission", ESSAY, {"attempt_number": 1}),
        statement(STREAMS + "submit", ESSAY, None, 1),
        event(
            "AssignableEvent",
            "Submitted",
            entity("AssignableDigitalResource", ESSAY),
            generated=entity("Attempt", f"{HOME}/attempts/2", count=1),
        ),
    ),
    Act(
        "viewed",
        inside("openassessmentblock.get_peer_submission", ESSAY),
        statement(TIN_CAN + "reviewed", ESSAY),
        event("AssignableEvent", "Reviewed", entity("AssignableDigitalResource", ESSAY)),
    ),
    Act(
        "attempted",
        log("edx.special_exam.timed.attempt.started", {"exam_content_id": SEQUENCE, "attempt_user_id": USER}),
        statement(STREAMS + "start", SEQUENCE),
        event("AssessmentEvent", "Started", entity("Assessment", SEQUENCE)),
    ),
    Act(
        "submitted",
        log(
            "edx.special_exam.timed.attempt.submitted", {"exam_content_id": SEQUENCE, "attempt_user_id": USER}
        ),
        statement(STREAMS + "submit", SEQUENCE),
        event("AssessmentEvent", "Submitted", entity("Assessment", SEQUENCE)),
    ),
]

COMPLETION = [
    Act(
        "completed",
        log(
            "edx.completion.block_completion.changed", {"user_id": USER, "block_id": UNIT, "completion": 1.0}
        ),
        statement(ADL + "completed", UNIT),
        event("AssignableEvent", "Completed", entity("AssignableDigitalResource", UNIT)),
    ),
    Act(
        "progressed",
        log(
            "edx.completion.block_completion.changed", {"user_id": USER, "block_id": UNIT, "completion": 0.5}
        ),
        statement(ADL + "progressed", UNIT, {"extensions": {VIDEO_PROFILE + "extensions/progress": 0.5}}),
        None,
        {"caliper": "Caliper does not tell how far a learner is"},
    ),
    Act(
        "completed",
        inside("edx.done.toggled", block("done", "x1"), {"done": True}),
        statement(STREAMS + "complete", block("done", "x1")),
        event("Event", "Completed", entity("DigitalResource", block("done", "x1"))),
    ),
    Act(
        "completed",
        inside("oppia.exploration.completed", GAME),
        statement(TRAINING + "completed", GAME),
        event("AssignableEvent", "Completed", entity("AssignableDigitalResource", GAME)),
    ),
]


def navigated(name: str, detail: Record, thing: str) -> Act:
    """Write a way from one place of the course to another."""
    resource = entity("DigitalResource", thing)
    return Act(
        "navigated",
        page(name, detail),
        statement(TRAINING + "navigated", thing),
        event("NavigationEvent", "NavigatedTo", resource),
    )


PAGES = [
    navigated("seq_goto", {"id": SEQUENCE, "old": 1, "new": 3}, SEQUENCE),
    navigated("seq_next", {"id": SEQUENCE, "old": 1, "new": 2}, SEQUENCE),
    navigated("seq_prev", {"id": SEQUENCE, "old": 2, "new": 1}, SEQUENCE),
    navigated("edx.ui.lms.sequence.next_selected", {"id": SEQUENCE, "current_tab": 1}, SEQUENCE),
    navigated("edx.ui.lms.sequence.previous_selected", {"id": SEQUENCE, "current_tab": 2}, SEQUENCE),
    navigated("edx.ui.lms.sequence.tab_selected", {"id": SEQUENCE, "target_tab": 2}, SEQUENCE),
    navigated("edx.ui.lms.outline.selected", {"target_url": f"{HOME}/courses/{COURSE}/jump_to/{UNIT}"}, UNIT),
    navigated("edx.ui.lms.link_clicked", {"target_url": f"/courses/{COURSE}/courseware/c1/s1/"}, SEQUENCE),
    navigated("edx.bookmark.accessed", {"component_usage_id": UNIT}, UNIT),
    navigated("textbook.pdf.page.navigated", {"chapter": f"/{BOOK}", "page": 4}, BOOK),
    Act(
        "viewed",
        log(f"/courses/{COURSE}/courseware/c1/s1/2", {}),
        statement(ACROSS + "accessed", SEQUENCE),
        event("ViewEvent", "Viewed", entity("WebPage", SEQUENCE)),
    ),
    Act(
        "viewed",
        log(f"/courses/{COURSE}/jump_to/{UNIT}", {}),
        statement(TIN_CAN + "viewed", f"{HOME}/xblock/{UNIT}"),
        event("ViewEvent", "Viewed", entity("WebPage", f"{HOME}/xblock/{UNIT}")),
    ),
    Act(
        "viewed",
        log(f"/courses/{COURSE}/", {}),
        statement(STREAMS + "access", COURSE),
        event("ViewEvent", "Viewed", entity("DigitalResource", COURSE)),
    ),
    Act(
        "viewed",
        inside("edx.googlecomponent.document.displayed", DOCUMENT),
        statement(STREAMS + "open", DOCUMENT),
        event("ViewEvent", "Viewed", entity("Document", DOCUMENT)),
    ),
    Act(
        "viewed",
        page("book", {"chapter": f"/{BOOK}", "type": "gotopage", "new": 3}),
        statement(ACROSS + "read", BOOK),
        event("ViewEvent", "Viewed", entity("Document", BOOK)),
    ),
    Act(
        "searched",
        page("textbook.pdf.search.executed", {"chapter": f"/{BOOK}", "query": "median"}),
        statement(ACROSS + "searched", BOOK),
        event("SearchEvent", "Searched", entity("Document", BOOK)),
    ),
    Act(
        "interacted",
        page("textbook.pdf.zoom.menu.changed", {"chapter": f"/{BOOK}", "amount": "1"}),
        statement(STREAMS + "interact", BOOK),
        event("ToolUseEvent", "Used", entity("SoftwareApplication", BOOK)),
    ),
    Act(
        "terminated",
        page("page_close", {}),
        statement(ADL + "terminated", SEQUENCE),
        event("AssignableEvent", "Abandoned", entity("AssignableDigitalResource", SEQUENCE)),
    ),
]

TOPIC = entity("Thread", THREAD)
MESSAGE = entity("Message", f"{HOME}/messages/1", isPartOf=TOPIC)

TALK = [
    Act(
        "posted",
        log("edx.forum.thread.created", {"id": THREAD}),
        statement(ACROSS + "posted", f"urn:thread:{THREAD}"),
        event("ThreadEvent", "Created", TOPIC),
    ),
    Act(
        "viewed",
        log("edx.forum.thread.viewed", {"id": THREAD}),
        statement(TIN_CAN + "viewed", f"urn:thread:{THREAD}"),
        event("ThreadEvent", "MarkedAsRead", TOPIC),
    ),
    Act(
        "replied",
        log("edx.forum.response.created", {"id": "r1", "discussion": {"id": THREAD}}),
        statement(TIN_CAN + "replied", f"urn:thread:{THREAD}"),
        event("MessageEvent", "Posted", {**MESSAGE, "replyTo": entity("Message", f"{HOME}/messages/0")}),
    ),
    Act(
        "commented",
        log(
            "edx.forum.comment.created", {"id": "c1", "response": {"id": "r1"}, "discussion": {"id": THREAD}}
        ),
        statement(ADL + "commented", f"urn:thread:{THREAD}"),
        event("AnnotationEvent", "Commented", TOPIC),
    ),
    Act(
        "liked",
        log("edx.forum.thread.voted", {"id": THREAD, "vote_value": "up"}),
        statement(TIN_CAN + "voted-up", f"urn:thread:{THREAD}"),
        event("AnnotationEvent", "Liked", TOPIC),
    ),
    Act(
        "interacted",
        log("edx.forum.thread.voted", {"id": THREAD, "undo_vote": True}),
        statement(STREAMS + "unlike", f"urn:thread:{THREAD}"),
        event("ForumEvent", "Unsubscribed", TOPIC),
    ),
    Act(
        "noted",
        log("edx.course.student_notes.added", {"component_usage_id": UNIT, "note_id": "n1"}),
        statement(BOOKS + "noted", UNIT),
        event("AnnotationEvent", "Tagged", entity("DigitalResource", UNIT)),
    ),
    Act(
        "noted",
        log("edx.course.student_notes.edited", {"component_usage_id": UNIT, "note_id": "n1"}),
        statement("http://risc-inc.com/annotator/verbs/modified", UNIT),
        event("AnnotationEvent", "Described", entity("DigitalResource", UNIT)),
    ),
    Act(
        "bookmarked",
        log("edx.bookmark.added", {"component_usage_id": UNIT, "course_id": COURSE}),
        statement(TIN_CAN + "bookmarked", UNIT),
        event("AnnotationEvent", "Bookmarked", entity("DigitalResource", UNIT)),
    ),
    Act(
        "interacted",
        log("edx.bookmark.removed", {"component_usage_id": UNIT, "course_id": COURSE}),
        statement(ADL + "interacted", UNIT),
        event("Event", "Removed", entity("DigitalResource", UNIT)),
    ),
    Act(
        "shared",
        log("edx.certificate.shared", {"course_id": COURSE}),
        statement(ADL + "shared", COURSE),
        event("AnnotationEvent", "Shared", entity("DigitalResource", COURSE)),
    ),
]

MEMBERSHIP = entity(
    "Membership",
    f"{HOME}/memberships/1",
    member=f"{HOME}/users/{USER}",
    organization=entity("CourseOffering", COURSE),
)
PLATFORM = entity("SoftwareApplication", HOME)

REGISTRATION = [
    Act(
        "enrolled",
        log("edx.course.enrollment.activated", {"user_id": USER, "course_id": COURSE, "mode": "audit"}),
        statement(ADL + "registered", COURSE),
        event("Event", "Activated", MEMBERSHIP),
        {"content": NO_OBJECT},
    ),
    Act(
        "unenrolled",
        log("edx.course.enrollment.deactivated", {"user_id": USER, "course_id": COURSE}),
        statement(TIN_CAN + "unregistered", COURSE),
        event("Event", "Deactivated", MEMBERSHIP),
        {"content": NO_OBJECT},
    ),
    Act(
        "logged_in",
        log("edx.bi.user.account.authenticated", {}),
        statement("https://w3id.org/xapi/adl/verbs/logged-in", HOME),
        event("SessionEvent", "LoggedIn", PLATFORM),
        {"content": NO_SESSION_OBJECT},
    ),
    Act(
        "logged_out",
        log("/logout", {}),
        statement("https://brindlewaye.com/xAPITerms/verbs/loggedout/", HOME),
        event("SessionEvent", "LoggedOut", PLATFORM),
        {"content": NO_SESSION_OBJECT},
    ),
]

ACTS = [*FILMS, *PROBLEMS, *COMPLETION, *PAGES, *TALK, *REGISTRATION]


def whole(act: Act, number: int) -> dict[str, Record | None]:
    """Write the three records with what all records of their format hold."""
    clock = f"2024-03-05T{10 + number // 60:02}:{number % 60:02}:00.250000"
    record = dict(act.log)
    module = record.pop("module", None)
    context: Record = {"user_id": USER, "course_id": COURSE}
    if module is not None:
        context["module"] = {"usage_key": module}
    written: dict[str, Record | None] = {
        "tracking_log": {**record, "time": f"{clock}+00:00", "session": SESSION, "context": context},
        "xapi": None,
        "caliper": None,
    }
    if act.xapi is not None:
        about = {"id": COURSE, "definition": {"type": "http://adlnet.gov/expapi/activities/course"}}
        written["xapi"] = {
            "actor": {"account": {"homePage": HOME, "name": str(USER)}},
            "timestamp": f"{clock}Z",
            "context": {
                "contextActivities": {"grouping": [about]},
                "extensions": {"https://w3id.org/xapi/cmi5/context/extensions/sessionid": SESSION},
            },
            **act.xapi,
        }
    if act.caliper is not None:
        written["caliper"] = {
            "@context": "http://purl.imsglobal.org/ctx/caliper/v1p2",
            "id": f"urn:uuid:00000000-0000-4000-8000-{number:012}",
            "actor": entity("Person", f"{HOME}/users/{USER}"),
            "eventTime": f"{clock[:-3]}Z",
            "group": entity("CourseOffering", COURSE),
            "session": entity("Session", SESSION),
            **act.caliper,
        }
    return written
