//! Attacks by viewers on sealed periods: what is cut for them from what the host sealed.

use polars::prelude::{BooleanChunked, DataFrame, df};

use super::*;
use crate::data::{Id, LearningData, Options, Tables};
use crate::group::question::Question;
use crate::group::{GroupOptions, Period, Released};
use crate::privacy::Viewer;

/// Learners `l00` ... of course A and of some boards, who are at work in the week of Monday,
/// March 2, 2026: learner i has i + 1 events there, and all have one at the end.
pub(super) struct World {
    pub(super) learners: usize,
    pub(super) boards: Vec<(&'static str, Vec<usize>)>,
    pub(super) roles: Vec<(&'static str, &'static str)>,
    /// When the last event of everybody is: a Wednesday, so that the week before is over.
    pub(super) last: &'static str,
}

pub(super) fn name(learner: usize) -> String {
    format!("l{learner:02}")
}

impl World {
    pub(super) fn new(learners: usize) -> Self {
        Self {
            learners,
            boards: Vec::new(),
            roles: Vec::new(),
            last: "2026-03-11T12:00:00Z",
        }
    }

    fn with(mut self, board: &'static str, members: impl IntoIterator<Item = usize>) -> Self {
        self.boards.push((board, members.into_iter().collect()));
        self
    }

    fn led(mut self, person: &'static str, board: &'static str) -> Self {
        self.roles.push((person, board));
        self
    }

    pub(super) fn data(&self) -> LearningData {
        let (mut who, mut when) = (Vec::new(), Vec::new());
        for l in 0..self.learners {
            for event in 0..=l {
                who.push(name(l));
                when.push(format!("2026-03-{:02}T10:{event:02}:00Z", event % 5 + 2));
            }
            who.push(name(l));
            when.push(self.last.to_string());
        }
        let height = who.len();
        let events = df!(
            "learner" => who, "time" => when,
            "content" => vec!["page"; height], "course" => vec!["A"; height],
        );
        let enrolled: Vec<String> = (0..self.learners).map(name).collect();
        let enrollments = df!("learner" => enrolled, "course" => vec!["A"; self.learners]);
        let rows = || {
            self.boards
                .iter()
                .flat_map(|(b, all)| all.iter().map(move |l| (*b, *l)))
        };
        let memberships = df!(
            "group" => rows().map(|row| row.0).collect::<Vec<_>>(),
            "learner" => rows().map(|row| name(row.1)).collect::<Vec<_>>(),
            "course" => rows().map(|_| "A").collect::<Vec<_>>(),
        );
        let roles = df!(
            "person" => self.roles.iter().map(|role| role.0).collect::<Vec<_>>(),
            "group" => self.roles.iter().map(|role| role.1).collect::<Vec<_>>(),
            "role" => self.roles.iter().map(|_| "instructor").collect::<Vec<_>>(),
        );
        let tables = Tables {
            enrollments: Some(enrollments.unwrap()),
            memberships: Some(memberships.unwrap()),
            roles: Some(roles.unwrap()),
            ..Tables::default()
        };
        LearningData::new(events.unwrap(), tables, &Options::default()).unwrap()
    }

    /// The sealed week, as the host has it.
    pub(super) fn week(&self, by: By, ledger: &Ledger) -> ReferenceGroups {
        self.data().reference_groups(by, &options(ledger)).unwrap()
    }

    /// The sealed week, as a viewer sees it who asks for it herself.
    fn seen(&self, viewer: &Viewer, by: By, ledger: &Ledger) -> ReferenceGroups {
        let view = self.data().seen_by(viewer.clone());
        view.reference_groups(by, &options(ledger)).unwrap()
    }
}

pub(super) fn options(ledger: &Ledger) -> GroupOptions {
    GroupOptions {
        policy: five(),
        period: Some(Period::Week),
        ledger: Some(ledger.clone()),
        ..GroupOptions::default()
    }
}

fn teacher(name: &str) -> Viewer {
    Viewer::instructor(name)
}

fn student(learner: usize) -> Viewer {
    Viewer::learner(name(learner).as_str())
}

/// Groups that have rows, with n where they are shown.
fn rows(groups: &ReferenceGroups) -> Vec<(String, Option<u32>)> {
    let frame = groups.summary().unwrap().into_frame();
    let labels = texts(&frame, "group").into_iter().flatten();
    let n = frame.column("n").unwrap().u32().unwrap().clone();
    let mut rows: Vec<(String, Option<u32>)> = labels.zip(n.iter()).collect();
    rows.dedup();
    rows
}

fn group(label: &str, n: Option<u32>) -> (String, Option<u32>) {
    (label.to_string(), n)
}

fn bare(table: Released) -> DataFrame {
    table.into_frame().drop("as_of").unwrap()
}

/// Two boards of ten, one of three (pooled), and some who are on none; who instructs which.
fn world() -> World {
    World::new(38)
        .with("b1", 0..12)
        .with("b2", 12..24)
        .with("b3", 24..27)
        .led("t1", "b1")
        .led("t2", "b2")
        .led("t3", "b3")
        .led("both", "b1")
        .led("both", "b2")
}

#[test]
fn a_view_of_a_period_sealed_just_now_is_the_view_that_was_open() {
    // In the second world who leads both boards knows all but two.
    let small = World::new(26)
        .with("b1", 0..12)
        .with("b2", 12..24)
        .led("t1", "b1")
        .led("both", "b1")
        .led("both", "b2");
    let (mut shown, mut withheld) = (0, 0);
    for (world, teachers) in [
        (world(), &["t1", "t2", "t3", "both"][..]),
        (small, &["t1", "both"]),
    ] {
        let students = [3, 15, 25, 33].into_iter().filter(|l| *l < world.learners);
        let students: Vec<usize> = students.collect();
        let viewers = students.iter().map(|l| student(*l));
        let viewers: Vec<Viewer> = viewers.chain(teachers.iter().map(|t| teacher(t))).collect();
        for (by, viewer) in viewers
            .iter()
            .flat_map(|v| [(By::Course, v), (By::Group, v)])
        {
            let sealed = world.seen(viewer, by, &Ledger::in_memory());
            let open = GroupOptions {
                period: None,
                as_of: Some(sealed.as_of()),
                ..options(&Ledger::in_memory())
            };
            let view = world.data().seen_by(viewer.clone());
            let open = view.reference_groups(by, &open).unwrap();
            same_view(&sealed, &open, &students);
            for (_, n) in rows(&sealed) {
                shown += u32::from(n.is_some());
                withheld += u32::from(n.is_none());
            }
        }
    }
    assert!(
        shown > 0 && withheld > 0,
        "{shown} shown, {withheld} withheld"
    );
}

/// The rows of a table of metrics that tell of more than the period.
fn cumulative(table: DataFrame) -> DataFrame {
    let Ok(metrics) = table.column("metric") else {
        return table;
    };
    let metrics = metrics.str().unwrap();
    let flow = |m: Option<&str>| m.is_some_and(|m| m.ends_with("_in_period"));
    let keep: BooleanChunked = metrics.iter().map(|m| Some(!flow(m))).collect();
    table.filter(&keep).unwrap()
}

/// Whether both show the same, but for tests between groups, which tell of groups of the host's
/// that are not hers, and what happened in the period, which only the sealed ones tell of.
fn same_view(sealed: &ReferenceGroups, open: &ReferenceGroups, students: &[usize]) {
    assert_eq!(sealed.groups(), open.groups());
    for question in Question::standard() {
        let of_periods = match &question {
            Question::Distribution(metric) | Question::Quantiles(metric) => {
                Metric::FLOWS.contains(metric)
            }
            other => *other == Question::ActiveLearners,
        };
        if of_periods || matches!(question, Question::LogRank(_) | Question::Bands(_)) {
            continue;
        }
        let [own, other] = [sealed, open].map(|groups| groups.answer(&question).unwrap());
        let behind = |table: &Released| {
            let all = table.certificates().iter();
            all.map(|c| c.group().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(behind(&own), behind(&other), "{question:?}");
        assert!(
            cumulative(bare(own.clone())).equals_missing(other.frame()),
            "{question:?}: {own:?} {other:?}"
        );
    }
    for l in students {
        let her = Id::from(name(*l).as_str());
        for metric in Metric::CUMULATIVE {
            match (sealed.compare(&her, metric), open.compare(&her, metric)) {
                (Ok(own), Ok(other)) => assert_eq!(&bare(own), other.frame()),
                (Err(Error::Denied), Err(Error::Denied)) => {}
                (own, other) => panic!("{own:?} {other:?}"),
            }
        }
    }
}

#[test]
fn a26_the_rosters_that_count_are_those_that_were_sealed() {
    // The sealed roster of twenty is all hers; five more have joined since.
    let ledger = Ledger::in_memory();
    let early = World::new(20).with("all", 0..20).led("t", "all");
    let first = rows(&early.week(By::Course, &ledger));
    assert_eq!(first, [group("A", Some(20))]);
    let more = World::new(25).with("all", 0..20).led("t", "all");
    let seen = more.seen(&teacher("t"), By::Course, &ledger);
    assert_eq!(rows(&seen), first);
    // The control: of a roster of today that holds five whom she does not know nothing is shown.
    let fresh = more.seen(&teacher("t"), By::Course, &Ledger::in_memory());
    assert_eq!(rows(&fresh), [group("A", None)]);
    // The other way round: two of the sealed roster are unknown to her, though she knows most.
    let ledger = Ledger::in_memory();
    let few = World::new(20).with("b", 0..18).led("t", "b");
    assert_eq!(rows(&few.week(By::Course, &ledger)), first);
    let seen = few.seen(&teacher("t"), By::Course, &ledger);
    assert_eq!(rows(&seen), [group("A", None)]);
    let table = seen.distribution(Metric::Events).unwrap();
    assert_eq!(texts(table.frame(), "reason"), [Some("TooFew".to_string())]);
    assert!(table.certificates().is_empty());
    assert!(seen.certificates().is_empty());
    assert_eq!(seen.certificates_frame().unwrap().height(), 0);
    assert!(
        seen.describe().contains("0 of 1 shown"),
        "{}",
        seen.describe()
    );
}

#[test]
fn a_split_after_the_seal_counts_as_well() {
    // The course is sealed as one atom of twenty, of whom she knows nine. Then the boards split
    // it: of the other eleven nine are on b2, and two with her own are in the pool.
    let ledger = Ledger::in_memory();
    let world = World::new(20)
        .with("b1", 0..9)
        .with("b2", 9..18)
        .led("t1", "b1");
    let sealed = world.week(By::Course, &ledger);
    assert_eq!(
        rows(&sealed.seen_by(&teacher("t1")).unwrap()),
        [group("A", Some(20))]
    );
    world.week(By::Group, &ledger);
    let again = world.seen(&teacher("t1"), By::Course, &ledger);
    assert_eq!(rows(&again), [group("A", None)]);
    assert_eq!(
        rows(&world.week(By::Course, &ledger)),
        [group("A", Some(20))]
    );
}

#[test]
fn who_asks_first_seals_what_the_host_would() {
    let world = world();
    for by in [By::Course, By::Group] {
        let (hers, hosts) = (Ledger::with_secret([1; 32]), Ledger::with_secret([1; 32]));
        let seen = world.seen(&student(3), by, &hers);
        let funnel = Question::Funnel(three_steps());
        seen.answer(&funnel).unwrap();
        let (host, first) = (world.week(by, &hers), world.week(by, &hosts));
        for question in Question::standard().iter().chain([&funnel]) {
            let [one, other] = [&host, &first].map(|groups| groups.answer(question).unwrap());
            assert!(one.frame().equals_missing(other.frame()), "{question:?}");
        }
        // What she was shown is a part of it, row for row.
        let (own, all) = (seen.summary().unwrap(), host.summary().unwrap());
        let labels = texts(own.frame(), "group");
        assert!(!labels.is_empty() && labels.len() < all.frame().height() || by == By::Course);
        let of = |t: &Released, l: &Option<String>| {
            texts(t.frame(), "group").iter().filter(|o| *o == l).count()
        };
        assert!(
            labels
                .iter()
                .all(|label| of(&own, label) == of(&all, label))
        );
    }
}

#[test]
fn what_is_not_hers_looks_as_if_it_did_not_exist() {
    let world = world();
    let ledger = Ledger::in_memory();
    let host = world.week(By::Group, &ledger);
    assert_eq!(host.groups(), ["b1", "b2", "(other)"]);
    let hers = host.seen_by(&student(3)).unwrap();
    assert_eq!(hers.groups(), ["b1"]);
    assert_eq!(host.seen_by(&student(25)).unwrap().groups(), ["(other)"]);
    // Tests between groups: one of hers alone has no other, and all at once are not hers.
    let pairs = hers.log_rank(Between::Pairs).unwrap();
    assert_eq!(texts(pairs.frame(), "group"), [Some("b1".to_string())]);
    assert_eq!(texts(pairs.frame(), "other"), [None]);
    let all = hers.log_rank(Between::All).unwrap();
    let control = host.log_rank(Between::All).unwrap();
    assert_eq!(all.frame().height(), 1);
    assert_eq!(all.frame().column("n").unwrap().null_count(), 1);
    assert_eq!(control.frame().height(), 1);
    // Nobody sees more by looking twice.
    let both = hers.seen_by(&student(15)).unwrap();
    assert!(both.groups().is_empty() && rows(&both).is_empty());
    // Nobody but relations opens anything.
    for nobody in [
        Viewer::learner("l99"),
        teacher("t9"),
        Viewer::researcher(),
        Viewer::recommender(),
    ] {
        assert!(matches!(host.seen_by(&nobody), Err(Error::Denied)));
        let view = world.data().seen_by(nobody);
        let asked = view.reference_groups(By::Group, &options(&ledger));
        assert!(matches!(asked, Err(Error::Denied)));
    }
    assert_eq!(hers.late(), None);
    assert_eq!(host.late(), Some(0));
    let other = Id::from("l15");
    assert!(matches!(
        hers.compare(&other, Metric::Events),
        Err(Error::Denied)
    ));
    assert!(host.compare(&other, Metric::Events).is_ok());
}

/// A group that is compared with none says so in the same words whether there is no other, or the
/// other is somebody else's.
#[test]
fn a_group_that_stands_alone_does_not_tell_whether_there_are_others() {
    let one = World::new(36).with("b1", 0..12).led("t1", "b1");
    let two = World::new(36)
        .with("b1", 0..12)
        .with("b2", 12..36)
        .led("t1", "b1");
    let viewers = [student(3), teacher("t1")];
    let open = |world: &World, viewer: &Viewer| {
        let options = GroupOptions {
            period: None,
            ..options(&Ledger::in_memory())
        };
        let groups = world.data().reference_groups(By::Group, &options).unwrap();
        groups.seen_by(viewer).unwrap()
    };
    let sealed = |world: &World, viewer: &Viewer| {
        let groups = world.week(By::Group, &Ledger::in_memory());
        groups.seen_by(viewer).unwrap()
    };
    let reasons = |groups: &ReferenceGroups| {
        let tables = [Between::Pairs, Between::All].map(|b| groups.log_rank(b).unwrap());
        let reason = |table: &Released| texts(table.frame(), "reason");
        let told = tables.each_ref().map(reason).concat();
        (tables.map(Released::into_frame), told)
    };
    for viewer in &viewers {
        for ask in [&open as &dyn Fn(&World, &Viewer) -> _, &sealed] {
            let (alone, told) = reasons(&ask(&one, viewer));
            let (beside, _) = reasons(&ask(&two, viewer));
            assert!(same(&alone, &beside));
            assert_eq!(told.len(), 2);
            assert!(told.iter().all(Option::is_some));
        }
    }
    // The control: the host is shown both.
    let host = two.week(By::Group, &Ledger::in_memory());
    let pairs = host.log_rank(Between::Pairs).unwrap();
    assert_eq!(texts(pairs.frame(), "other"), [Some("b2".to_string())]);
}

#[test]
fn who_is_no_member_any_more_sees_nothing_and_a_new_member_sees_her_board() {
    let ledger = Ledger::in_memory();
    let before = World::new(30).with("b1", 0..12).with("b2", 12..24);
    before.week(By::Group, &ledger);
    // Learner 3 went from b1 to b2, learner 27 came to b1; b3 is new.
    let after = World::new(30)
        .with("b1", (0..12).filter(|l| *l != 3).chain([27]))
        .with("b2", (12..24).chain([3]))
        .with("b3", 24..27)
        .led("t3", "b3");
    let seen = |viewer: &Viewer| {
        let groups = after.seen(viewer, By::Group, &ledger);
        groups
            .groups()
            .into_iter()
            .map(str::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(seen(&student(3)), ["b2"]);
    assert_eq!(seen(&student(27)), ["b1"]);
    assert!(seen(&student(25)).is_empty(), "b3 was not there");
    assert!(seen(&teacher("t3")).is_empty());
    let groups = after.seen(&student(27), By::Group, &ledger);
    let mine = groups.compare(&Id::from("l27"), Metric::Events).unwrap();
    assert_eq!(mine.frame().height(), 1);
    assert!(matches!(
        after
            .seen(&student(25), By::Group, &ledger)
            .compare(&Id::from("l25"), Metric::Events),
        Err(Error::Denied)
    ));
}
