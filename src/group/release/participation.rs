//! Which features and contents members use, from released counts alone.

use crate::Result;
use crate::group::ReferenceGroups;
use crate::group::distribution;
use crate::personal::participation::FEATURES;

use super::contents::Share;
use super::funnel::share;
use super::paths::ask_course;
use super::tables::{Answer, plain, release, row, shown};
use super::{Kind, Released};

/// `group, feature, learners, code, ignored, low, high, n, unit, reason`.
pub(in crate::group) fn feature_usage(groups: &ReferenceGroups) -> Result<Released> {
    let features = groups.features()?;
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let many = FEATURES.len();
        let answer = ask_course(
            groups,
            group,
            |_| groups.no_verbs(),
            |members, course| {
                let made = distribution::used(members, &features, course, many, groups.policy);
                (made.rules().clone(), made)
            },
        );
        let Ok(from) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "share"));
            continue;
        };
        for (at, (feature, _)) in FEATURES.iter().enumerate() {
            let (learners, code) = shown(from.cell(at));
            let ignored = Share::of_all(from.cell(many + at), from.rules());
            let [ignored, low, high, _] = share(Some(ignored))?;
            let cells = Answer {
                n: answer.n,
                cells: Ok(()),
            };
            let texts = vec![Some((*feature).to_owned()), Some(code.to_owned())];
            let values = vec![learners, ignored, low, high];
            rows.push(plain(group, &cells, texts, values, "share"));
        }
    }
    let layout = [
        ("feature", Kind::Text),
        ("learners", Kind::Value),
        ("code", Kind::Text),
        ("ignored", Kind::Value),
        ("low", Kind::Value),
        ("high", Kind::Value),
    ];
    release(groups, &layout, rows)
}

/// `group, content, module, position, learners, code, share, low, high, n, unit, reason`.
pub(in crate::group) fn popular_content(groups: &ReferenceGroups) -> Result<Released> {
    let (lists, touched) = groups.touched()?;
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let list = |course: u32| lists.get(&course).map(|list| list.as_ref());
        let public = |course| match list(course) {
            Some(list) => list.err().cloned(),
            None => Some("no learning data".to_string()),
        };
        let answer = ask_course(groups, group, public, |members, course| {
            let contents = list(course).and_then(std::result::Result::ok);
            let contents = contents.map_or(&[][..], Vec::as_slice);
            let many = contents.len();
            let made = distribution::touched(members, &touched, course, many, groups.policy);
            (made.rules().clone(), (contents, made))
        });
        let Ok((contents, from)) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "share"));
            continue;
        };
        for (content, cell) in contents.iter().zip(from.cells()) {
            let (learners, code) = shown(*cell);
            let [rate, low, high, _] = share(Some(Share::of_all(*cell, from.rules())))?;
            let cells = Answer {
                n: answer.n,
                cells: Ok(()),
            };
            let texts = vec![
                Some(content.label.clone()),
                content.module.clone(),
                Some(code.to_owned()),
            ];
            let values = vec![content.position, learners, rate, low, high];
            rows.push(plain(group, &cells, texts, values, "share"));
        }
    }
    let layout = [
        ("content", Kind::Text),
        ("module", Kind::Text),
        ("position", Kind::Value),
        ("learners", Kind::Value),
        ("code", Kind::Text),
        ("share", Kind::Value),
        ("low", Kind::Value),
        ("high", Kind::Value),
    ];
    release(groups, &layout, rows)
}
