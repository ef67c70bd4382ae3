//! Learning curves and what is fitted to them, from released counts alone.

use crate::Result;
use crate::group::distribution::{self, Cell, Practice, ProtectedCurves, Rules, skills};
use crate::group::metric::Skill;
use crate::group::{Group, ReferenceGroups};
use crate::stats::{Design, Logistic, PowerLaw, logistic_counts, power_law};

use super::contents::{Share, ask_contents, hundredths};
use super::tables::{Answer, answer, plain, release, row, shown};
use super::{Kind, Released};

/// A curve is fitted to this many points or more.
const POINTS: usize = 3;

/// `group, skill, opportunity, answered, answered_code, errors, errors_code, error_rate, low, high,
/// power_law, logistic, n, unit, reason`.
pub(in crate::group) fn curves(
    groups: &ReferenceGroups,
    by: Skill,
    pass_mark: Option<u8>,
) -> Result<Released> {
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask(groups, group, by, pass_mark)?;
        let Ok((skills, from)) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "share"));
            continue;
        };
        let cells = Answer {
            n: answer.n,
            cells: Ok(()),
        };
        let mut points = from.points();
        for (skill, contents) in skills {
            let own: Vec<_> = points.by_ref().take(*contents).collect();
            let (shares, fit) = fitted_to(&own, from.rules())?;
            for (opportunity, ((known, errors), share)) in (1_u32..).zip(own.iter().zip(&shares)) {
                let at = f64::from(opportunity);
                let (answered, answered_code) = shown(*known);
                let (errors, errors_code) = shown(*errors);
                let (low, high) = match share {
                    Some(share) => share.interval()?,
                    None => (None, None),
                };
                let fitted = |value: Option<f64>| value.filter(|_| share.is_some()).map(hundredths);
                let texts = [skill.as_str(), answered_code, errors_code];
                let values =
                    vec![
                        Some(at),
                        answered,
                        errors,
                        share.and_then(|share| share.rate()),
                        low,
                        high,
                        fitted(
                            fit.power
                                .map(|fit| (fit.scale * at.powf(fit.exponent)).min(1.0)),
                        ),
                        fitted(fit.line().map(|(start, slope)| {
                            1.0 / (1.0 + (-start - slope * (at - 1.0)).exp())
                        })),
                    ];
                let texts = texts.map(|text| Some(text.to_string())).to_vec();
                rows.push(plain(group, &cells, texts, values, "share"));
            }
        }
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("skill", Kind::Text),
        ("opportunity", Kind::Whole),
        value("answered"),
        ("answered_code", Kind::Text),
        value("errors"),
        ("errors_code", Kind::Text),
        value("error_rate"),
        value("low"),
        value("high"),
        value("power_law"),
        value("logistic"),
    ];
    release(groups, &layout, rows)
}

/// `group, skill, contents, points, first_error, exponent, r_squared, intercept, slope, slope_se,
/// n, unit, reason`.
pub(in crate::group) fn rates(
    groups: &ReferenceGroups,
    by: Skill,
    pass_mark: Option<u8>,
) -> Result<Released> {
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask(groups, group, by, pass_mark)?;
        let Ok((skills, from)) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "1"));
            continue;
        };
        let cells = Answer {
            n: answer.n,
            cells: Ok(()),
        };
        let mut points = from.points();
        for (skill, contents) in skills {
            let own: Vec<_> = points.by_ref().take(*contents).collect();
            let (shares, fit) = fitted_to(&own, from.rules())?;
            let error = |fit: &Logistic| fit.standard_errors.get(1).copied();
            let values = vec![
                Some(*contents as f64),
                Some(shares.iter().flatten().count() as f64),
                fit.power.map(|fit| hundredths(fit.scale.min(1.0))),
                fit.power.map(|fit| hundredths(fit.exponent)),
                fit.power.and_then(|fit| fit.r_squared).map(hundredths),
                fit.line().map(|(start, _)| hundredths(start)),
                fit.line().map(|(_, slope)| hundredths(slope)),
                fit.logistic.as_ref().and_then(error).map(hundredths),
            ];
            let texts = vec![Some(skill.clone())];
            rows.push(plain(group, &cells, texts, values, "1"));
        }
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("skill", Kind::Text),
        ("contents", Kind::Whole),
        ("points", Kind::Whole),
        value("first_error"),
        value("exponent"),
        value("r_squared"),
        value("intercept"),
        value("slope"),
        value("slope_se"),
    ];
    release(groups, &layout, rows)
}

/// The skills of a group's course, and their points.
fn ask(
    groups: &ReferenceGroups,
    group: &Group,
    by: Skill,
    pass_mark: Option<u8>,
) -> Result<Answer<(Vec<Practice>, ProtectedCurves)>> {
    let asked = ask_contents(groups, group, |members, scope| {
        let made = distribution::curves(members, scope, groups.policy, by, pass_mark);
        (made.rules().clone(), made)
    })?;
    let n = asked.n;
    let (contents, from) = match asked.cells {
        Ok(made) => made,
        Err(reason) => {
            return Ok(Answer {
                n,
                cells: Err(reason),
            });
        }
    };
    let (skills, _) = skills(contents, by);
    let none = skills.is_empty().then(|| match by {
        Skill::Topic => "no topics in the catalog".to_string(),
        Skill::Module => "no modules in the catalog".to_string(),
    });
    let rules = from.rules().clone();
    Ok(answer(&rules, none, (skills, from)))
}

/// The error rates of one skill's points, and what is fitted to them.
fn fitted_to(points: &[(Cell, Cell)], rules: &Rules) -> Result<(Vec<Option<Share>>, Fit)> {
    let share = |(known, errors): &(Cell, Cell)| Share::new(*errors, *known, rules);
    let shares: Vec<Option<Share>> = points.iter().map(share).collect();
    let fit = Fit::new(&shares)?;
    Ok((shares, fit))
}

/// What is fitted to the points that enough learners stand behind.
struct Fit {
    power: Option<PowerLaw>,
    logistic: Option<Logistic>,
}

impl Fit {
    fn new(shares: &[Option<Share>]) -> Result<Self> {
        let points: Vec<(f64, f64, f64)> = (1_u32..)
            .zip(shares)
            .filter_map(|(opportunity, share)| {
                let (errors, all) = (*share)?.counts();
                Some((f64::from(opportunity), errors as f64, (all - errors) as f64))
            })
            .collect();
        // A rate of 0 has no logarithm; counts of errors are never shown below k.
        let sound = points.iter().all(|(_, errors, _)| *errors > 0.0);
        if points.len() < POINTS || !sound {
            return Ok(Self {
                power: None,
                logistic: None,
            });
        }
        let at: Vec<f64> = points.iter().map(|point| point.0).collect();
        let rate = |(_, errors, right): &(f64, f64, f64)| errors / (errors + right);
        let rates: Vec<f64> = points.iter().map(rate).collect();
        let mut design = Design::new(2);
        for opportunity in &at {
            design.push(&[(0, 1.0), (1, opportunity - 1.0)])?;
        }
        let counts: Vec<(f64, f64)> = points.iter().map(|point| (point.1, point.2)).collect();
        Ok(Self {
            power: power_law(&at, &rates)?,
            logistic: logistic_counts(&design, &counts, &[0.0, 0.0])?,
        })
    }

    /// Log odds of an error at the first opportunity, and what each further one adds.
    fn line(&self) -> Option<(f64, f64)> {
        match self.logistic.as_ref()?.coefficients.as_slice() {
            [start, slope] => Some((*start, *slope)),
            _ => None,
        }
    }
}
