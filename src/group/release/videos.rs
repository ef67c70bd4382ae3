//! What members watch of videos, second by second, and what they watch again, from released
//! counts alone.

use crate::Result;
use crate::group::distribution::{self, Cell, ProtectedViews, View};
use crate::group::trails::{Lists, Videos};
use crate::group::{Group, ReferenceGroups};
use crate::personal::peaks::{Peak, peaks};

use super::contents::Share;
use super::funnel::share;
use super::paths::ask_course;
use super::tables::{Answer, plain, release, row, shown};
use super::{Kind, Released};

/// Peaks of a video that are told, the most prominent first.
const PEAKS: usize = 3;
/// Seconds of the kernel that smooths, and of the neighbourhood on either side.
const BANDWIDTH: f64 = 3.0;
const AROUND: u32 = 60;

/// The videos of a course with what its members watched of them.
type Watched<'a> = Answer<(&'a Videos, u32, ProtectedViews)>;

/// `group, content, second, viewers, viewers_code, rewatchers, rewatchers_code, reached,
/// reached_code, drop_off, low, high, starters, drop_off_again, low_again, high_again,
/// starters_again, n, unit, reason`.
pub(in crate::group) fn video_seconds(groups: &ReferenceGroups, width: u32) -> Result<Released> {
    let (lists, seen) = groups.watched(width)?;
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask(groups, group, &lists, |members, course, videos| {
            let many = &videos.stretches;
            distribution::watched(members, &seen, course, many, groups.policy)
        });
        let Ok((videos, _, from)) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "s"));
            continue;
        };
        let list = videos.list.iter().flatten();
        for ((video, content), many) in list.enumerate().zip(&videos.stretches) {
            for at in 0..*many {
                let cell = |view| from.cell(video, at, view);
                let start = |view| from.cell(video, 0, view);
                let left = |gone, came| Share::new(cell(gone), start(came), from.rules());
                let second = u32::try_from(at).unwrap_or(u32::MAX).saturating_mul(width);
                let mut values = vec![Some(f64::from(second))];
                let mut texts = vec![Some(content.label.clone())];
                for view in [View::Seen, View::Again, View::First] {
                    let (count, code) = shown(cell(view));
                    values.push(count);
                    texts.push(Some(code.to_owned()));
                }
                values.extend(share(left(View::FirstGone, View::First))?);
                values.extend(share(left(View::LaterGone, View::Later))?);
                let cells = Answer {
                    n: answer.n,
                    cells: Ok(()),
                };
                rows.push(plain(group, &cells, texts, values, "s"));
            }
        }
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("content", Kind::Text),
        ("second", Kind::Whole),
        value("viewers"),
        ("viewers_code", Kind::Text),
        value("rewatchers"),
        ("rewatchers_code", Kind::Text),
        value("reached"),
        ("reached_code", Kind::Text),
        value("drop_off"),
        value("low"),
        value("high"),
        value("starters"),
        value("drop_off_again"),
        value("low_again"),
        value("high_again"),
        value("starters_again"),
    ];
    release(groups, &layout, rows)
}

/// `group, content, rank, start, apex, end, prominence, learners, code, n, unit, reason`.
pub(in crate::group) fn rewatch_peaks(groups: &ReferenceGroups, width: u32) -> Result<Released> {
    let (lists, seen) = groups.watched(width)?;
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer: Watched<'_> = ask(groups, group, &lists, |members, course, videos| {
            let many = &videos.stretches;
            distribution::watched(members, &seen, course, many, groups.policy)
        });
        let Ok((videos, _, from)) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "s"));
            continue;
        };
        let found: Vec<(usize, Peak)> = (0..)
            .zip(&videos.stretches)
            .flat_map(|(video, many)| most(from, video, *many, width))
            .collect();
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let parts = found
            .iter()
            .map(|(video, peak)| (*video, place(peak.start), place(peak.end).saturating_add(1)));
        let parts: Vec<(usize, u32, u32)> = parts.collect();
        let within = ask(groups, group, &lists, |members, course, _| {
            distribution::rewatched(members, &seen, course, &parts, groups.policy)
        });
        let counted = within.cells.as_ref().map(|(.., own)| own.cells());
        let counted = counted.unwrap_or_default();
        let seconds = |at: usize| f64::from(place(at).saturating_mul(width));
        for (video, content) in videos.list.iter().flatten().enumerate() {
            let own = found
                .iter()
                .zip(counted)
                .filter(|((at, _), _)| *at == video);
            let own: Vec<(&Peak, &Cell)> = own.map(|((_, peak), cell)| (peak, cell)).collect();
            for rank in 0..PEAKS {
                let peak = own.get(rank);
                let (learners, code) = peak.map_or((None, "none"), |(_, cell)| shown(**cell));
                let tell = |what: fn(&Peak) -> usize| peak.map(|(peak, _)| seconds(what(peak)));
                let values = vec![
                    Some(rank as f64 + 1.0),
                    tell(|peak| peak.start),
                    tell(|peak| peak.apex),
                    tell(|peak| peak.end + 1),
                    peak.map(|(peak, _)| peak.prominence),
                    learners,
                ];
                let cells = Answer {
                    n: answer.n,
                    cells: Ok(()),
                };
                let texts = vec![Some(content.label.clone()), Some(code.to_owned())];
                rows.push(plain(group, &cells, texts, values, "s"));
            }
        }
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("content", Kind::Text),
        ("rank", Kind::Whole),
        value("start"),
        value("apex"),
        value("end"),
        value("prominence"),
        value("learners"),
        ("code", Kind::Text),
    ];
    release(groups, &layout, rows)
}

/// Of a course that nothing is known of.
static NONE: Videos = Videos {
    list: Ok(Vec::new()),
    stretches: Vec::new(),
};

/// What `make` reads of the videos of a group's course.
fn ask<'a, T: Protected>(
    groups: &ReferenceGroups,
    group: &Group,
    lists: &'a Lists<Videos>,
    make: impl FnOnce(&[u32], u32, &'a Videos) -> T,
) -> Answer<(&'a Videos, u32, T)> {
    let public = |course: u32| match lists.get(&course) {
        Some(videos) => videos.list.as_ref().err().cloned(),
        None => Some("no learning data".to_string()),
    };
    ask_course(groups, group, public, |members, course| {
        let videos = lists.get(&course).unwrap_or(&NONE);
        let cells = make(members, course, videos);
        (cells.rules().clone(), (videos, course, cells))
    })
}

/// What has rules.
trait Protected {
    fn rules(&self) -> &distribution::Rules;
}

impl Protected for ProtectedViews {
    fn rules(&self) -> &distribution::Rules {
        self.rules()
    }
}

impl Protected for distribution::ProtectedCounts {
    fn rules(&self) -> &distribution::Rules {
        self.rules()
    }
}

/// The most prominent peaks of a video; a count that is only known to be low is none.
fn most(from: &ProtectedViews, video: usize, many: usize, width: u32) -> Vec<(usize, Peak)> {
    let rules = from.rules();
    let count = |at| match from.cell(video, at, View::Again) {
        Cell::Low => 0,
        Cell::Count(count) => count,
        Cell::High => rules.n.saturating_sub(rules.k / 2),
    };
    let series: Vec<u32> = (0..many).map(count).collect();
    let bandwidth = (BANDWIDTH / f64::from(width)).max(1.0);
    let around = AROUND.div_ceil(width).max(5) as usize;
    let mut found = peaks(&series, bandwidth, around);
    found.sort_by(|a, b| {
        b.prominence
            .total_cmp(&a.prominence)
            .then(a.apex.cmp(&b.apex))
    });
    let first = found.into_iter().take(PEAKS);
    first.map(|peak| (video, peak)).collect()
}
