"""Caliper and Canvas Live Events, end to end, and against plain loops written from the specification."""

from __future__ import annotations

import gzip
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import kohort as kh
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kohort import _core
from kohort.cli import main
from kohort.typing import Standard
from polars.testing import assert_frame_equal

CONTEXT = "http://purl.imsglobal.org/ctx/caliper/v1p2"
START = datetime(2024, 3, 1, tzinfo=timezone.utc)
COURSE = "https://uni.example/courses/bio"

# What the specification calls an action, and what kohort's documentation says it becomes.
ACTIONS = {
    ("ViewEvent", "Viewed"): "viewed",
    ("NavigationEvent", "NavigatedTo"): "navigated",
    ("MediaEvent", "Started"): "played",
    ("MediaEvent", "Resumed"): "played",
    ("MediaEvent", "Paused"): "paused",
    ("MediaEvent", "Ended"): "ended",
    ("MediaEvent", "JumpedTo"): "seeked",
    ("MediaEvent", "ForwardedTo"): "seeked",
    ("MediaEvent", "Muted"): "interacted",
    ("AssessmentEvent", "Started"): "attempted",
    ("AssessmentEvent", "Submitted"): "submitted",
    ("AssessmentItemEvent", "Completed"): "answered",
    ("AssessmentItemEvent", "Skipped"): "interacted",
    ("AssignableEvent", "Completed"): "completed",
    ("GradeEvent", "Graded"): "graded",
    ("AnnotationEvent", "Bookmarked"): "bookmarked",
    ("AnnotationEvent", "Shared"): "shared",
    ("MessageEvent", "Posted"): "posted",
    ("ThreadEvent", "MarkedAsRead"): "viewed",
    ("SearchEvent", "Searched"): "searched",
    ("SessionEvent", "LoggedIn"): "logged_in",
    ("SessionEvent", "LoggedOut"): "logged_out",
    ("ToolUseEvent", "Used"): "interacted",
    ("FeedbackEvent", "Commented"): "commented",
    ("FeedbackEvent", "Ranked"): "interacted",
    ("ResourceManagementEvent", "Downloaded"): "downloaded",
    ("SurveyEvent", "OptedIn"): "interacted",
    ("QuestionnaireItemEvent", "Completed"): "answered",
    ("ViewEvent", "Invented"): "interacted",
}


def iso(seconds: float) -> str:
    whole, rest = divmod(seconds, 60)
    return f"PT{int(whole)}M{rest:g}S" if whole else f"PT{rest:g}S"


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """One event; whatever the specification calls optional may be absent."""
    kind, action = draw(st.sampled_from(sorted(ACTIONS)))
    person = f"https://uni.example/people/{draw(st.integers(1, 4))}"
    thing: dict[str, Any] = {"id": f"https://uni.example/things/{draw(st.integers(1, 5))}", "type": "WebPage"}
    event: dict[str, Any] = {
        "@context": CONTEXT,
        "id": f"urn:uuid:{draw(st.uuids())}",
        "type": kind,
        "action": action,
        "actor": draw(st.sampled_from([person, {"id": person, "type": "Person", "name": "x"}])),
        "eventTime": (START + timedelta(milliseconds=draw(st.integers(0, 10**9)))).isoformat(
            timespec="milliseconds"
        ),
    }
    attempt = {
        "id": "https://uni.example/attempts/1",
        "type": "Attempt",
        "count": draw(st.integers(1, 9)),
        "duration": iso(draw(st.integers(0, 6_000)) / 4),
        "assignee": {"id": "https://uni.example/people/9", "type": "Person"},
        "assignable": thing["id"],
    }
    if kind == "MediaEvent":
        thing |= {"type": "VideoObject", "duration": iso(draw(st.integers(1, 10_000)) / 8)}
        if draw(st.booleans()):
            event["target"] = {"type": "MediaLocation", "currentTime": iso(draw(st.integers(0, 999)) / 8)}
    elif kind == "MessageEvent":
        thread = {"id": "https://uni.example/threads/1", "type": "Thread"}
        thing |= {"type": "Message", "isPartOf": thread}
        if draw(st.booleans()):
            thing["replyTo"] = "https://uni.example/messages/0"
    elif kind == "GradeEvent":
        thing = attempt
        given = draw(st.integers(0, 12))
        event["generated"] = {"id": "s", "type": "Score", "maxScore": 10, "scoreGiven": given}
    elif kind == "AssessmentEvent":
        event["generated"] = attempt
    elif kind in ("AssessmentItemEvent", "QuestionnaireItemEvent"):
        forms: list[dict[str, Any]] = [
            {"type": "MultipleChoiceResponse", "value": "B"},
            {"type": "MultipleResponseResponse", "values": ["A", "C"]},
            {"type": "FillinBlankResponse", "values": ["my words"]},
        ]
        event["generated"] = draw(st.sampled_from(forms)) | {"attempt": attempt}
    event["object"] = thing
    if draw(st.booleans()):
        event["group"] = {"id": COURSE, "type": "CourseSection"}
    if draw(st.booleans()):
        event["session"] = draw(st.sampled_from(["s1", {"id": "s1", "type": "Session"}]))
    return event


def seconds(text: str) -> float:
    """The seconds in what `iso` writes."""
    minutes, _, rest = text[2:-1].rpartition("M")
    return float(minutes or 0) * 60 + float(rest)


def twin(event: dict[str, Any]) -> dict[str, Any]:
    """The same in plain Python."""
    kind, action, thing = event["type"], event["action"], event["object"]
    verb = ACTIONS[kind, action]
    made = event.get("generated", {})
    attempt = next((e for e in (thing, made, made.get("attempt", {})) if e.get("type") == "Attempt"), {})
    actor, content, time = event["actor"], thing["id"], datetime.fromisoformat(event["eventTime"])
    learner = actor if isinstance(actor, str) else actor["id"]
    duration = position = position_to = score = response = None
    if kind == "GradeEvent":
        learner, content = attempt["assignee"]["id"], attempt["assignable"]
        score = made["scoreGiven"] / made["maxScore"]
        score = score if score <= 1 else None
    elif kind == "MessageEvent":
        content = thing["isPartOf"]["id"]
        verb = "replied" if "replyTo" in thing else verb
    elif kind == "SessionEvent":
        content = None
    if verb in ("submitted", "answered", "completed") and "duration" in attempt:
        duration = timedelta(seconds=seconds(attempt["duration"]))
        time -= duration
    if kind == "MediaEvent" and "target" in event:
        at = seconds(event["target"]["currentTime"])
        position, position_to = (None, at) if verb == "seeked" else (at, None)
    if made.get("type") == "MultipleChoiceResponse":
        response = made["value"]
    elif made.get("type") == "MultipleResponseResponse":
        response = "[,]".join(made["values"])
    session = event.get("session", {"id": None})
    return {
        "learner": learner,
        "time": time,
        "content": content,
        "verb": verb,
        "course": event["group"]["id"] if "group" in event else None,
        "session": session if isinstance(session, str) else session["id"],
        "duration": duration,
        "position": position,
        "position_to": position_to,
        "length": seconds(thing["duration"]) if kind == "MediaEvent" else None,
        "score": score,
        "attempt": attempt.get("count"),
        "response": response,
        "id": event["id"],
    }


def core(path: Path, standard: Standard = "caliper") -> _core.Foreign:
    return _core.read_standard(
        standard, [str(path)], output=None, pseudonymize=None, tz=None, home_page=None, progress=None
    )


def log(path: Path, standard: Standard = "caliper") -> pl.DataFrame:
    return pl.DataFrame(dict(core(path, standard).tables())["events"])


def envelope(data: list[dict[str, Any]]) -> dict[str, Any]:
    return {"sensor": "https://uni.example/sensor", "sendTime": "2024-03-02T00:00:00.000Z",
            "dataVersion": CONTEXT, "data": data}  # fmt: skip


@given(st.lists(events(), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_events_are_what_plain_loops_make_of_them(tmp_path: Path, written: list[dict[str, Any]]) -> None:
    path = tmp_path / "log.json"
    path.write_text("\n".join(json.dumps(envelope([event])) for event in written))
    rows = [twin(event) for event in written]
    read = log(path)
    expected = pl.DataFrame(rows, infer_schema_length=None)
    for name in expected.columns:
        theirs = expected[name].to_list()
        ours = read[name].to_list() if name in read.columns else [None] * len(rows)
        if expected[name].dtype.is_float():
            assert ours == pytest.approx(theirs), name
        else:
            assert ours == theirs, name


@given(st.lists(events(), min_size=2, max_size=8))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_form_of_the_file_changes_nothing(tmp_path: Path, written: list[dict[str, Any]]) -> None:
    lines = "\n".join(json.dumps(event) for event in written)
    entity = {"@context": CONTEXT, "id": COURSE, "type": "CourseSection"}
    first, rest = written[:1], written[1:]
    forms = {
        "lines.jsonl": lines,
        "array.json": json.dumps(written),
        "one.json": json.dumps(envelope([entity, *written])),
        "pretty.json": json.dumps(envelope(written), indent=2),
        "two.json": json.dumps([envelope(first), envelope([]), envelope(rest)]),
        "two.jsonl": "\n".join(json.dumps(e) for e in (envelope(first), envelope([]), envelope(rest))),
        "backwards.jsonl": json.dumps(dict(reversed(envelope(written).items()))) + "\n",
    }
    (tmp_path / "log.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    whole = log(tmp_path / "log.jsonl.gz")
    for name, content in forms.items():
        (tmp_path / name).write_text(content)
        read = core(tmp_path / name)
        assert not len(pl.DataFrame(read.rejected())), name
        assert_frame_equal(pl.DataFrame(dict(read.tables())["events"]), whole)


def viewed(**more: Any) -> dict[str, Any]:
    event = {
        "@context": CONTEXT,
        "id": "urn:uuid:0f1c2d3e-4b5a-4978-8697-a6b5c4d3e2f1",
        "type": "ViewEvent",
        "action": "Viewed",
        "actor": {"id": "https://uni.example/people/7", "type": "Person"},
        "object": "https://uni.example/things/1",
        "eventTime": "2024-03-01T10:00:00.000Z",
        "group": COURSE,
    }
    return event | more


def test_what_is_refused_has_its_rule_and_the_rest_is_read(tmp_path: Path) -> None:
    bad = [viewed(eventTime="soon"), {**viewed(), "action": None}, viewed(**{"@context": "x"})]
    path = tmp_path / "log.json"
    path.write_text(json.dumps(envelope([viewed(), *bad])) + "\nno json\n")
    with pytest.warns(kh.RejectedRowsWarning):
        data = kh.read_caliper(path)
    assert data.personal().summary()["events"].to_list() == [1]
    refused = data.rejected.filter(pl.col("table") == "source")
    assert refused["reason"].to_list() == ["BadTime", "Missing", "NotCaliper", "NotJson"]
    assert refused["column"].to_list() == ["eventTime", "action", "@context", "record"]


def test_learners_are_known_by_home_page_and_pseudonym(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(json.dumps(viewed()))
    data = kh.read_caliper(path, home_page="https://uni.example")
    assert data.personal().summary()["learner"].to_list() == ["7"]
    path.write_text(json.dumps(viewed(actor="mailto:ann@uni.example")))
    with pytest.raises(kh.SchemaError, match="e-mail"):
        kh.read_caliper(path)
    hidden = kh.read_caliper(path, pseudonymize=b"k" * 32).personal().summary()["learner"].item()
    assert len(hidden) == 32
    with pytest.raises(kh.ParameterTypeError, match="home_page"):
        kh.read_caliper(path, home_page=7)  # type: ignore[arg-type]


def test_members_come_with_the_events_each_once(tmp_path: Path) -> None:
    membership = {"roles": ["Learner"], "organization": {"id": COURSE, "type": "CourseSection"}}
    many = [
        viewed(membership=membership, id=f"urn:uuid:{n:08}-0000-4000-8000-000000000000") for n in range(5)
    ]
    path = tmp_path / "log.json"
    path.write_text(json.dumps(many))
    tables = {name: pl.DataFrame(table) for name, table in core(path).tables()}
    assert tables["memberships"].rows() == [(COURSE, "https://uni.example/people/7")]


def test_canvas_becomes_learning_data_with_enrollments(tmp_path: Path) -> None:
    def raw(name: str, time: str, **body: object) -> dict[str, object]:
        about = {"event_name": name, "event_time": time, "user_id": "10000000000071",
                 "context_type": "Course", "context_id": "10000000000455", "session_id": "s",
                 "root_account_id": "10000000000001"}  # fmt: skip
        return {"metadata": about, "body": body}

    joined = {"user_id": "71", "type": "StudentEnrollment", "workflow_state": "active",
              "created_at": "2024-02-01T00:00:00Z"}  # fmt: skip
    lines = [
        raw("enrollment_created", "2024-02-01T00:00:01Z", **joined),
        raw("asset_accessed", "2024-03-01T10:00:00Z", asset_type="assignment", asset_id="33"),
        raw("submission_created", "2024-03-01T10:05:00Z", assignment_id="33", user_id="71", attempt=1),
        raw("course_updated", "2024-03-01T10:06:00Z"),
    ]
    path = tmp_path / "live.json"
    path.write_text("\n".join(map(json.dumps, lines)))
    data = kh.read_canvas(path)
    assert log(path, "canvas").height == 3
    found = dict(data.quality.filter(pl.col("table") == "source").select("finding", "rows").iter_rows())
    assert found["events of administration, left out"] == 1
    tables = {name: pl.DataFrame(table) for name, table in core(path, "canvas").tables()}
    assert tables["enrollments"]["start"].item() == datetime(2024, 2, 1, tzinfo=timezone.utc)
    assert tables["catalog"].select("content", "kind").rows() == [("assignment:10000000000033", "assignment")]
    output = tmp_path / "events.parquet"
    assert main(["convert", "--from", "canvas", str(path), "-o", str(output)]) == 0
    assert pl.read_parquet(output)["verb"].to_list() == ["enrolled", "viewed", "submitted"]
    assert (tmp_path / "events.enrollments.parquet").exists()


def test_the_mapping_is_public() -> None:
    caliper = dict(kh.mapping("caliper").iter_rows())
    for (kind, action), verb in ACTIONS.items():
        assert caliper.get(f"{kind} {action}", "interacted") == verb
    assert dict(kh.mapping("canvas").iter_rows())["asset_accessed"] == "viewed"
