"""Moodle's logs: six published reports against counts made without kohort, and the readers' options."""

from __future__ import annotations

import csv
import re
import warnings
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import kohort as kh
import polars as pl
import pytest
from real_data import real_data

TZ = "Asia/Muscat"
# Rows, events, rows of memberships, then refused: nobody named, and staff or system.
PINNED = {
    "F19": (7_033, 6_154, 37, 14, 828),
    "F20": (11_712, 6_465, 38, 2_747, 2_462),
    "SP18": (4_997, 4_997, 0, 0, 0),
    "SP19": (6_406, 5_291, 37, 0, 1_078),
    "SP20": (12_201, 9_190, 68, 1_651, 1_292),
    "SP21": (2_311, 1_159, 8, 310, 834),
}
# What only staff and the system do in these reports, by name, from the list of all names in them.
STAFF = re.compile(
    r"^(Course (backup created|created|module created|module updated|reset .*|restored|section .*|updated)"
    r"|Grade (item .*|deleted)|Grading (form|table) viewed|Group (created|deleted)|Calendar event .*"
    r"|(Log|Statistics|Attendance) report viewed|Attendance taken|Session added|Status updated"
    r"|Enrolment instance created|User unenrolment updated|Role (un)?assigned|Folder updated"
    r"|All the submissions are being downloaded\.)$"
)
ABOUT = {
    "User graded", "The submission has been graded.", "User enrolled in course",
    "User unenrolled from course", "Course activity completion updated",
}  # fmt: skip


def report(name: str) -> Path:
    return real_data(f"edify_moodle/Moodle_Module_1_{name}.csv")


def by_hand(path: Path) -> tuple[Counter[str], Counter[tuple[object, ...]]]:
    """Read a report with Python's csv module and regular expressions."""
    counts: Counter[str] = Counter()
    events: Counter[tuple[object, ...]] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name, text = row["Event name"], row["Description"]
            counts["rows"] += 1
            try:
                local = datetime.strptime(row["Time"], "%d/%m/%y, %H:%M").replace(tzinfo=ZoneInfo(TZ))
            except ValueError:
                counts["BadTime"] += 1
                continue
            if STAFF.match(name):
                counts["NotLearning"] += 1
                continue
            people = re.findall(r"[Uu]ser with id '?([^' ]*)", text)
            person = people[1] if name in ABOUT and len(people) > 1 else (people or [""])[0]
            if not person.isdigit():
                counts["NoUserId"] += 1
            elif name.startswith("Group member"):
                counts["memberships"] += 1
            else:
                counts["events"] += 1
                module = re.search(r"course module (?:with )?id '(\d+)'", text)
                events[int(person), local, "cm:" + module[1] if module else None] += 1
    return counts, events


def source_findings(data: kh.LearningData) -> dict[str, int]:
    found = data.quality.filter(pl.col.table == "source")
    return dict(found.select("finding", "rows").iter_rows())


def read(path: Path, **options: object) -> kh.LearningData:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", kh.RejectedRowsWarning)
        return kh.read_moodle(path, tz=TZ, **options)


@pytest.mark.parametrize("name", PINNED)
def test_every_row_of_a_published_report_is_accounted_for(name: str) -> None:
    rows, events, memberships, nobody, staff = PINNED[name]
    counts, _ = by_hand(report(name))
    assert counts == +Counter(
        rows=rows, events=events, memberships=memberships, NoUserId=nobody, NotLearning=staff
    )
    assert events + memberships + nobody + staff == rows
    data = read(report(name))
    found = source_findings(data)
    assert found["records read"] == rows
    assert found["records refused"] == nobody + staff == data.rejected.height
    assert found.get("rows that tell facts and no event", 0) == memberships
    assert found.get("rejected: NoUserId", 0) == nobody
    assert found.get("rejected: NotLearning", 0) == staff
    assert data._engine.overview().events == events
    assert not any("interacted" in finding for finding in found), "an event of the reports has no verb"


@pytest.mark.parametrize("name", PINNED)
def test_events_of_a_published_report_have_their_person_time_and_module(name: str, tmp_path: Path) -> None:
    _, expected = by_hand(report(name))
    written = convert(report(name), tmp_path, "--tz", TZ, form="moodle_report")
    module = pl.when(pl.col("content").str.starts_with("cm:")).then("content")
    told = written.select("learner", "time", module.alias("module"))
    assert written.schema["learner"] == pl.Int64
    assert Counter(told.iter_rows()) == expected


def test_an_impossible_date_in_a_published_report_is_refused(tmp_path: Path) -> None:
    text = report("SP18").read_text(encoding="utf-8")
    spoilt = tmp_path / "spoilt.csv"
    spoilt.write_text(text.replace('"25/06/18, 08:39"', '"29/02/18, 08:39"', 1), encoding="utf-8", newline="")
    counts, _ = by_hand(spoilt)
    assert counts["BadTime"] == 1
    with pytest.warns(kh.RejectedRowsWarning, match="1 row was not understood"):
        data = kh.read_moodle(spoilt, tz=TZ)
    assert data.rejected.row(0) == ("source", 2, "Time", "BadTime")
    assert data._engine.overview().events == PINNED["SP18"][1] - 1


def test_a_published_report_reads_the_same_in_cp1252_and_as_a_frame(tmp_path: Path) -> None:
    path = report("SP21")
    expected = read(path).personal().summary()
    text = path.read_bytes().decode("utf-8")
    text = text.encode("cp1252", errors="replace").decode("cp1252").replace("Affected", "Aff\xe9cted")
    other = tmp_path / "cp1252.csv"
    other.write_bytes(text.encode("cp1252"))
    assert read(other, encoding="cp1252").personal().summary().equals(expected)
    frame = pl.read_csv(path, infer_schema=False)
    assert read(frame).personal().summary().equals(expected)  # type: ignore[arg-type]


def convert(path: Path, folder: Path, *more: str, form: str) -> pl.DataFrame:
    from kohort import cli

    output = folder / "events.parquet"
    assert cli.main(["convert", str(path), "--from", form, *more, "-o", str(output)]) == 0
    return pl.read_parquet(output)


LOG = pl.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "eventname": [
            "\\core\\event\\user_enrolment_created",
            "\\core\\event\\course_viewed",
            "\\mod_quiz\\event\\attempt_submitted",
            "\\core\\event\\course_viewed",
        ],
        "userid": [2, 5, 5, 1],
        "relateduserid": [5.0, None, 5.0, None],
        "courseid": [7, 7, 7, 7],
        "contextlevel": [50, 50, 70, 50],
        "contextinstanceid": [7, 7, 41, 7],
        "timecreated": [1772445000, 1772445600, 1772445900, 1772445900],
        "ip": ["10.0.0.1"] * 4,
        "other": ["N;"] * 4,
    }
)
MODULES = pl.DataFrame({"id": [41, 42], "course": [7, 7], "modname": ["quiz", "forum"], "section": [1, 2]})


def test_the_log_table_becomes_learning_data() -> None:
    with pytest.warns(kh.RejectedRowsWarning):
        data = kh.read_moodle(LOG, modules=MODULES, tz="Europe/Helsinki")
    assert data.rejected.rows() == [("source", 3, "userid", "Guest")]
    pla = data.personal()
    assert pla.summary().select("learner", "course", "contents").rows() == [(5, 7, 2)]
    progress = pla.progress().row(0, named=True)
    assert (progress["completed"], progress["available"]) == (1, 2)


@pytest.mark.filterwarnings("ignore::kohort.RejectedRowsWarning")
def test_every_form_gives_the_same(tmp_path: Path) -> None:
    expected = kh.read_moodle(LOG)
    LOG.write_parquet(tmp_path / "log.parquet")
    LOG.write_csv(tmp_path / "log.csv")
    LOG.write_ndjson(tmp_path / "log.jsonl")
    LOG.write_json(tmp_path / "log.json")
    for source in (
        *tmp_path.iterdir(),
        LOG.lazy(),
        LOG.to_pandas(),
        LOG.to_arrow(),
        [str(tmp_path / "log.csv")],
    ):
        data = kh.read_moodle(source)
        assert data.personal().summary().equals(expected.personal().summary()), source
        assert data.rejected.equals(expected.rejected)


def test_converting_writes_events_and_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    LOG.write_parquet(tmp_path / "log.parquet")
    MODULES.write_parquet(tmp_path / "modules.parquet")
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    log = tmp_path / "log.parquet"
    events = convert(log, tmp_path, "--modules", str(tmp_path / "modules.parquet"), form="moodle")
    assert events["verb"].to_list() == ["enrolled", "viewed", "submitted"]
    assert events["learner"].to_list() == [5, 5, 5]
    assert pl.read_parquet(tmp_path / "events.catalog.parquet")["kind"].to_list() == ["quiz", "discussion"]
    enrollments = pl.read_parquet(tmp_path / "events.enrollments.parquet")
    assert enrollments.select("learner", "course").rows() == [(5, 7)]
    assert pl.read_parquet(tmp_path / "events.rejected.parquet")["reason"].to_list() == ["Guest"]
    assert "records read: 4" in capsys.readouterr().out
    hidden = convert(log, tmp_path, "--key-file", str(key), form="moodle")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", kh.RejectedRowsWarning)
        summary = kh.read_moodle(LOG, pseudonymize=b"k" * 32).personal().summary()
    assert hidden["learner"].unique().to_list() == summary["learner"].to_list()
    assert len(hidden["learner"][0]) == 32


def test_wrong_arguments_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report_frame = pl.DataFrame({"Time": ["1/1/20, 10:00"], "Description": ["x"], "Event name": ["y"]})
    with pytest.raises(kh.MissingTableError, match="time zone"):
        kh.read_moodle(report_frame)
    with pytest.raises(kh.ParameterError, match="date_format"):
        kh.read_moodle(report_frame, tz="UTC", date_format="week 7")
    with pytest.raises(kh.ParameterError, match="`form` must be"):
        kh.read_moodle(LOG, form="logs")  # type: ignore[arg-type]
    with pytest.raises(kh.SchemaError, match="column `timecreated` is missing"):
        kh.read_moodle(LOG.drop("timecreated"))
    with pytest.raises(kh.SchemaError, match="table `modules`: column `course` is missing"):
        kh.read_moodle(LOG, modules=MODULES.drop("course"))
    with pytest.raises(kh.ParameterError, match="`columns` must be names of `id`, `eventname`"):
        kh.read_moodle(LOG, columns={"learner": "userid"})
    with pytest.raises(kh.ParameterTypeError, match="`columns` must be a table"):
        kh.read_moodle(LOG, columns=["userid"])  # type: ignore[arg-type]
    with pytest.raises(kh.ParameterTypeError, match="`course` must be"):
        kh.read_moodle(LOG, course=1.5)  # type: ignore[arg-type]
    with pytest.raises(kh.ParameterTypeError, match="`pseudonymize` must be a key"):
        kh.read_moodle(LOG, pseudonymize="key")  # type: ignore[arg-type]
    with pytest.raises(kh.ParameterTypeError, match="`source` must be"):
        kh.read_moodle(5)  # type: ignore[arg-type]
    from kohort import cli

    output = str(tmp_path / "x.parquet")
    assert cli.main(["convert", "x", "--from", "scorm", "--course", "7", "-o", output]) == 1
    assert "`--course` does not go with --from scorm" in capsys.readouterr().err


def test_mappings_of_tables_are_shown() -> None:
    for standard in ("moodle", "moodle_report", "canvas_web_logs", "scorm"):
        shown = kh.mapping(standard)
        assert shown.columns == ["source", "verb"]
        assert shown["source"].is_unique().all()
    with pytest.raises(kh.ParameterError, match=r'"xapi", "caliper", .*"scorm"'):
        kh.mapping("moodl")  # type: ignore[arg-type]


def test_canvas_and_scorm_become_learning_data(tmp_path: Path) -> None:
    requests = pl.DataFrame(
        {
            "timestamp": ["2026-03-02T10:00:00Z", "2026-03-02T10:05:00Z"],
            "user": [5, 5],
            "course_id": [7, 7],
            "quiz_id": [None, 9],
            "web_application_controller": ["courses", "quizzes/quizzes"],
            "web_application_action": ["show", "show"],
            "interaction_seconds": [60.0, 30.0],
        }
    )
    data = kh.read_canvas_web_logs(requests, columns={"user_id": "user"})
    assert data.personal().summary().select("learner", "course", "contents").rows() == [(5, 7, 2)]
    renamed = requests.rename({"user": "user_id"})
    renamed.write_csv(tmp_path / "web_logs.csv")
    events = convert(tmp_path / "web_logs.csv", tmp_path, form="canvas_web_logs")
    assert events["content"].to_list() == ["course:7", "quiz:9"]
    sessions = pl.DataFrame(
        {
            "student": ["ann"],
            "sco": ["u1"],
            "time": [datetime(2026, 3, 2, 10, 30)],
            "session_time": ["PT30M"],
            "completion_status": ["completed"],
        }
    )
    data = kh.read_scorm(sessions, columns={"learner": "student"}, tz="UTC")
    assert data.personal().study_time().row(0, named=True)["study_time"].total_seconds() == 1_800
    sessions.rename({"student": "learner"}).write_parquet(tmp_path / "scorm.parquet")
    events = convert(tmp_path / "scorm.parquet", tmp_path, "--tz", "UTC", form="scorm")
    assert events["time"][0] == datetime(2026, 3, 2, 10, tzinfo=ZoneInfo("UTC"))
