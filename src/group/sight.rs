//! Sealed groups as one viewer may see them. The seal is the host's and whole; a view is cut from
//! it, so that nothing a viewer asks can differ from what the host shows.
//!
//! A learner sees the groups that she is a member of by today's tables, as of the end of the
//! period: group numbers are for members, and who has left or withdrawn is none. `(other)` nobody
//! is a member of: it is for whose board it stands for, and for members who were on its sealed
//! roster. An instructor sees her boards and their courses by the rule of [`seen`](super::seen),
//! applied to the rosters that were sealed and to the atoms of all that was released since.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::bundle::{Head, Place};
use super::ledger::{Book, Persons};
use super::metric::Between;
use super::planner::{Outcome, Part};
use super::question::Question;
use super::release::{self, Rows};
use super::sealing::{Answer, Course, Cut};
use super::seen::{Board, acquainted};
use super::{By, Certificate, Group, ReferenceGroups, Released, ladder};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::data::subset::Seen;
use crate::privacy::{Relations, Viewer};
use crate::{Error, Result};

/// Who looks.
#[derive(Clone)]
struct Lens {
    relations: Relations,
    known: Vec<Seen>,
    met: Vec<Seen>,
}

/// What those who look see of a sealed period.
pub(super) struct Sight {
    /// Everybody must see what is shown.
    lenses: Vec<Lens>,
    /// Of the snapshot of each course.
    snapshots: Vec<Seeing>,
}

/// What somebody sees of the groups of one seal, by place.
#[derive(Clone)]
pub(super) struct Seeing {
    /// Which are hers: of all others there are no rows.
    hers: Vec<bool>,
    /// Which may be shown to her, hers or not.
    open: Vec<bool>,
}

impl Seeing {
    pub(super) fn is_hers(&self, place: usize) -> bool {
        self.hers.get(place).copied().unwrap_or(false)
    }

    pub(super) fn is_open(&self, place: usize) -> bool {
        self.open.get(place).copied().unwrap_or(false)
    }

    /// What the host sees: everything that has a certificate.
    fn whole(head: &Head) -> Self {
        Self {
            hers: vec![true; head.places.len()],
            open: head
                .places
                .iter()
                .map(|p| p.certificate.is_some())
                .collect(),
        }
    }

    fn and(self, other: &Self) -> Self {
        let both = |a: Vec<bool>, b: &[bool]| a.iter().zip(b).map(|(a, b)| *a && *b).collect();
        Self {
            hers: both(self.hers, &other.hers),
            open: both(self.open, &other.open),
        }
    }

    /// Whether a certificate stands behind a group that she is shown, or that answers for one of
    /// hers.
    fn vouches(&self, head: &Head, certificate: &Certificate) -> bool {
        let hers = |(at, place): (usize, &Place)| {
            let seen = self.is_hers(at) && self.is_open(at) && (place.row || place.registered);
            seen && head.behind(place) == Some(certificate)
        };
        head.places.iter().enumerate().any(hers) || self.answers(head, certificate)
    }

    /// Whether a certificate stands behind a group that answers for one of hers in the rosters.
    fn answers(&self, head: &Head, certificate: &Certificate) -> bool {
        let answer = |(own, place): (usize, &Place)| {
            let listed = place.registered && place.part != Part::Pool && self.is_hers(own);
            let used = place.used.filter(|used| listed && self.is_open(*used));
            let used = used.and_then(|used| head.places.get(used));
            used.and_then(|used| head.behind(used)) == Some(certificate)
        };
        head.places.iter().enumerate().any(answer)
    }
}

impl ReferenceGroups {
    /// These sealed groups as a viewer may see them.
    ///
    /// # Errors
    /// [`Error::Denied`] without a relation; [`Error::Ledger`].
    pub(super) fn sealed_for(&self, viewer: &Viewer) -> Result<Self> {
        let inner = &*self.data.as_ref().ok_or(Error::Denied)?.inner;
        let relations = viewer.relations(inner)?;
        let mut lenses = self
            .sight
            .as_ref()
            .map_or_else(Vec::new, |s| s.lenses.clone());
        let seen = relations.seen(inner, self.as_of);
        lenses.push(Lens {
            known: relations.known(inner, self.as_of),
            met: relations.met(inner, self.as_of),
            relations,
        });
        let heads = self.sealed.iter().map(|course| (course, &course.head));
        let heads: Vec<(&Course, &Head)> = heads.collect();
        let snapshots = self.look(&lenses, &heads)?;
        Ok(Self {
            seen: Some(seen.into()),
            sight: Some(Sight { lenses, snapshots }.into()),
            ..self.clone()
        })
    }

    /// What is seen of each course's snapshot.
    pub(super) fn seeing(&self) -> Vec<Cow<'_, Seeing>> {
        if let Some(sight) = &self.sight {
            return sight.snapshots.iter().map(Cow::Borrowed).collect();
        }
        let whole = self.sealed.iter().map(|c| Seeing::whole(&c.head));
        whole.map(Cow::Owned).collect()
    }

    /// What is seen of other seals about these courses.
    pub(super) fn seeing_of(&self, heads: &[(&Course, &Head)]) -> Result<Vec<Seeing>> {
        match &self.sight {
            Some(sight) => self.look(&sight.lenses, heads),
            None => Ok(heads.iter().map(|(_, head)| Seeing::whole(head)).collect()),
        }
    }

    /// The certificates behind what is seen of some seals.
    pub(super) fn behind(&self, seals: Vec<(&Course, Head)>) -> Result<Vec<Certificate>> {
        let heads: Vec<(&Course, &Head)> = seals.iter().map(|(c, head)| (*c, head)).collect();
        let seeing = self.seeing_of(&heads)?;
        let mut all: Vec<Certificate> = Vec::new();
        for ((_, head), seeing) in heads.iter().zip(&seeing) {
            for certificate in &head.certificates {
                let hers = self.sight.is_none() || seeing.vouches(head, certificate);
                if hers && !all.contains(certificate) {
                    all.push(certificate.clone());
                }
            }
        }
        Ok(all)
    }

    /// Answers of the host as the viewer may see them.
    pub(super) fn cut_for(
        &self,
        cut: &Cut,
        question: &Question,
        answers: &[Answer<'_>],
    ) -> Result<Vec<Released>> {
        let all = answers.iter().zip(self.seen_in(answers)?);
        let one = |((course, head, table), seeing): (&Answer<'_>, Cow<'_, Seeing>)| {
            self.cut_one(cut, question, course, (head, &seeing), table)
        };
        all.map(one).collect()
    }

    /// What is seen of each answer.
    pub(super) fn seen_in(&self, answers: &[Answer<'_>]) -> Result<Vec<Cow<'_, Seeing>>> {
        let alone = |(_, head, _): &&Answer<'_>| matches!(head, Cow::Owned(_));
        let others = answers.iter().filter(alone);
        let others: Vec<(&Course, &Head)> = others.map(|(c, head, _)| (*c, &**head)).collect();
        let mut others = self.seeing_of(&others)?.into_iter().map(Cow::Owned);
        let all = answers.iter().zip(self.seeing());
        Ok(all
            .map(|(answer, snapshot)| {
                let other = alone(&answer).then(|| others.next()).flatten();
                other.unwrap_or(snapshot)
            })
            .collect())
    }

    fn cut_one(
        &self,
        cut: &Cut,
        question: &Question,
        course: &Course,
        (head, seeing): (&Head, &Seeing),
        table: &Released,
    ) -> Result<Released> {
        let bare = self.bare(course, head, seeing);
        let bare = release::dated(question.make(&bare)?, cut.last_moment())?;
        let rows = || {
            head.places
                .iter()
                .enumerate()
                .filter(|(_, place)| place.row)
        };
        let fate = |at: usize, place: &Place| {
            if !seeing.is_hers(at) {
                Rows::Gone
            } else if place.certificate.is_none() || seeing.is_open(at) {
                Rows::Own
            } else {
                Rows::Instead(&bare)
            }
        };
        let of = |label: &str| {
            let found = rows().find(|(_, place)| place.label == label);
            found.map_or(Rows::Gone, |(at, place)| fate(at, place))
        };
        let keep = |certificate: &Certificate| seeing.vouches(head, certificate);
        match question {
            Question::Rosters => {
                let registered = || head.places.iter().enumerate().filter(|(_, p)| p.registered);
                let answers = |label: &str, _: Option<&str>| {
                    let found = registered().find(|(_, place)| place.label == label);
                    match found.filter(|(at, _)| seeing.is_hers(*at)) {
                        None => Rows::Gone,
                        Some((_, place)) => match place.used {
                            Some(used) if !seeing.is_open(used) => Rows::Instead(&bare),
                            _ => Rows::Own,
                        },
                    }
                };
                release::sift(table, answers, |one| seeing.answers(head, one))
            }
            Question::LogRank(between) => {
                let mut hers = rows().filter(|(at, _)| seeing.is_hers(*at));
                if let (Some((at, place)), None) = (hers.next(), hers.next()) {
                    // Whether there are others, and why she sees none of them, she is not told.
                    let shown = place.certificate.is_some() && seeing.is_open(at);
                    return if shown {
                        release::unpaired(bare)
                    } else {
                        Ok(bare)
                    };
                }
                if *between == Between::All {
                    // It tells of all groups of the course at once.
                    let all = rows().all(|(at, place)| matches!(fate(at, place), Rows::Own));
                    let any = rows().any(|(at, _)| seeing.is_hers(at));
                    let whole = |_: &str, _: Option<&str>| match (all, any) {
                        (true, _) => Rows::Own,
                        (false, true) => Rows::Instead(&bare),
                        (false, false) => Rows::Gone,
                    };
                    return release::sift(table, whole, keep);
                }
                let pair = |one: &str, other: Option<&str>| match (of(one), other.map(of)) {
                    (Rows::Gone, _) | (_, Some(Rows::Gone)) => Rows::Gone,
                    (Rows::Own, None | Some(Rows::Own)) => Rows::Own,
                    _ => Rows::Instead(&bare),
                };
                release::readjusted(release::sift(table, pair, keep)?)
            }
            _ => release::sift(table, |group, _| of(group), keep),
        }
    }

    /// Her groups as if none of them could be shown: what a withheld one looks like.
    fn bare(&self, course: &Course, head: &Head, seeing: &Seeing) -> Self {
        let hers = head.places.iter().enumerate();
        let hers =
            hers.filter(|(at, place)| seeing.is_hers(*at) && (place.row || place.registered));
        let group = |(_, place): (usize, &Place)| {
            let group = Group {
                label: place.label.clone(),
                name: place.name.clone(),
                family: course.family.clone(),
                course: course.about,
                part: place.part,
                current: Vec::new(),
                outcome: match place.certificate {
                    None if place.low => Outcome::LowCoverage,
                    _ => Outcome::TooFew,
                },
                certificate: None,
            };
            (group, place.row, place.registered)
        };
        let (groups, ladder) = ladder::unanswered(hers.map(group).collect());
        let groups = std::sync::Arc::new(groups);
        Self {
            planned: std::sync::Arc::clone(&groups),
            groups,
            ladder: ladder.into(),
            made: None,
            assessed: std::sync::Arc::default(),
            ..self.clone()
        }
    }

    /// What everybody who looks sees of some seals.
    fn look(&self, lenses: &[Lens], heads: &[(&Course, &Head)]) -> Result<Vec<Seeing>> {
        if heads.is_empty() {
            return Ok(Vec::new());
        }
        let data = &*self.data.as_ref().ok_or(Error::Denied)?.inner;
        let knows_many = |lens: &Lens| matches!(lens.relations, Relations::Boards(_));
        self.ledger.transact(None, |book| {
            let persons = lenses.iter().any(knows_many).then(|| book.persons(data));
            let persons = persons.unwrap_or_default();
            let boards = |lens: &Lens| match &lens.relations {
                Relations::Herself(_) => Vec::new(),
                Relations::Boards(rows) => self.boards(data, rows),
            };
            let boards: Vec<Vec<Board>> = lenses.iter().map(boards).collect();
            let one = |(course, head): &(&Course, &Head)| {
                let all = lenses.iter().zip(&boards);
                let all = all.map(|(lens, boards)| match &lens.relations {
                    Relations::Herself(learner) => self.member(book, data, *learner, course, head),
                    Relations::Boards(_) => {
                        let who = (lens, &boards[..], &persons);
                        self.instructor(book, data, who, course, head)
                    }
                });
                all.fold(Seeing::whole(head), |seen, next| seen.and(&next))
            };
            Ok(heads.iter().map(one).collect())
        })
    }

    /// What a learner sees.
    fn member(
        &self,
        book: &Book,
        data: &Inner,
        learner: u32,
        course: &Course,
        head: &Head,
    ) -> Seeing {
        let here = || self.everybody().filter(|group| group.kin() == course.kin());
        let on = |group: &Group| group.current.binary_search(&learner).is_ok();
        let member = |place: &Place| {
            let mut same = here().filter(|g| g.part == place.part && g.name == place.name);
            same.any(on)
        };
        let stands_for = |place: &&Place| place.registered && !place.row && member(place);
        let owned = |place: &Place| match place.part {
            Part::Pool => {
                head.places
                    .iter()
                    .any(|own| own.part == Part::Group && stands_for(&own))
                    || (here().any(on) && {
                        let roster = head.behind(place).and_then(|c| book.roster_of(c));
                        let number = book.number_of(data, learner);
                        roster
                            .zip(number)
                            .is_some_and(|(r, n)| r.binary_search(&n).is_ok())
                    })
            }
            _ => member(place),
        };
        Seeing {
            hers: head.places.iter().map(owned).collect(),
            ..Seeing::whole(head)
        }
    }

    /// What an instructor of these boards sees.
    fn instructor(
        &self,
        book: &Book,
        data: &Inner,
        (lens, boards, persons): (&Lens, &[Board], &Persons),
        course: &Course,
        head: &Head,
    ) -> Seeing {
        let scope = course.about;
        let here = || boards.iter().filter(|board| board.course == scope);
        let roster = |place: &Place| head.behind(place).and_then(|c| book.roster_of(c));
        let pooled = |board: &&Board| {
            let same = |p: &&Place| p.part == Part::Group && p.name == board.name;
            let place = head.places.iter().find(same);
            place.is_some_and(|place| place.registered && !place.row)
        };
        let owned = |place: &Place| match (self.by, place.part) {
            (By::Course, _) => scope.is_some() && here().next().is_some(),
            (By::Group, Part::Group) => here().any(|board| board.name == place.name),
            (By::Group, Part::Pool) => {
                let dense = |number: &u32| persons.get(*number);
                let on = |board: &Board| {
                    let mut members = roster(place).into_iter().flatten().filter_map(dense);
                    members.any(|member| board.members.contains(&member))
                };
                here().filter(pooled).any(on)
            }
            (By::Group, Part::Course) => false,
        };
        let knows =
            |learner: u32| acquainted(&lens.known, &lens.met, learner, scope.unwrap_or(NONE));
        let met = |number: u32| persons.get(number).and_then(knows);
        let own: Vec<bool> = head.places.iter().map(owned).collect();
        if !own.contains(&true) {
            // What is open besides is for those whose groups it answers for.
            let open = vec![false; own.len()];
            return Seeing { hers: own, open };
        }
        let k = self.policy.k();
        let mut hides: Option<bool> = None;
        let mut around: BTreeMap<Option<u32>, bool> = BTreeMap::new();
        let mut hides_around = |own: &Certificate| {
            let mut places = book.places_of(own).into_iter().flatten().peekable();
            let hides = |at| book.hides_from(at, met, k);
            places.peek().is_some()
                && places.all(|at| *around.entry(*at).or_insert_with(|| hides(*at)))
        };
        let mut open = |place: &Place| {
            let Some(members) = roster(place) else {
                return false;
            };
            members.iter().all(|number| met(*number) == Some(true))
                || (*hides.get_or_insert_with(|| book.hides(data, persons, scope, knows, k))
                    && head.behind(place).is_some_and(&mut hides_around))
        };
        let open = head.places.iter().map(&mut open).collect();
        Seeing { hers: own, open }
    }
}
