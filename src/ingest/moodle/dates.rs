//! Times as a report writes them: local, in the language and order of whoever exported it.
//!
//! A pattern is made of `d`, `m`, `Month`, `yy` or `yyyy`, `h` (and `AM`) or `HH`, `MM`, `SS` and
//! `Weekday`; everything else stands for itself. One digit or two are always both read.

use jiff::civil;

use crate::error::{Error, Result};

/// A pattern of times.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Vec<Part>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Day,
    Month,
    MonthName,
    ShortYear,
    Year,
    Hour,
    Minute,
    Second,
    Half,
    Word,
    /// Anything else; white space of any length, or none, is the same.
    Literal(char),
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

impl Pattern {
    /// # Errors
    /// [`Error::Parameter`] for a pattern that does not make a date.
    pub(super) fn new(pattern: &str) -> Result<Self> {
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            let run = |letter: char| {
                let same = rest.chars().take_while(|c| c.eq_ignore_ascii_case(&letter));
                same.count()
            };
            let timed = parts.contains(&Part::Hour);
            let word = ["Weekday", "Month", "Mon"]
                .iter()
                .find(|w| rest.starts_with(**w));
            let (part, length) = match (word, first.to_ascii_lowercase()) {
                (Some(&"Weekday"), _) => (Part::Word, 7),
                (Some(word), _) => (Part::MonthName, word.len()),
                (_, 'd') => (Part::Day, run('d')),
                (_, 'm') if timed => (Part::Minute, run('m')),
                (_, 'm') => (Part::Month, run('m')),
                (_, 'y') if run('y') == 2 => (Part::ShortYear, 2),
                (_, 'y') => (Part::Year, run('y')),
                (_, 'h') => (Part::Hour, run('h')),
                (_, 's') => (Part::Second, run('s')),
                (_, 'a' | 'p') if rest.get(1..2).is_some_and(|m| m.eq_ignore_ascii_case("m")) => {
                    (Part::Half, 2)
                }
                _ => (Part::Literal(first), first.len_utf8()),
            };
            parts.push(part);
            rest = rest.get(length..).unwrap_or_default();
        }
        let has = |wanted: &[Part]| parts.iter().filter(|part| wanted.contains(part)).count() == 1;
        let whole = has(&[Part::Day])
            && has(&[Part::Month, Part::MonthName])
            && has(&[Part::ShortYear, Part::Year]);
        if !whole {
            return Err(Error::parameter(
                "date_format",
                "a pattern such as \"d/m/yy\", \"m/d/yy, h:MM AM\" or \"d Month yyyy, HH:MM\"",
                format!("{pattern:?}"),
            ));
        }
        if !parts.contains(&Part::Hour) {
            parts.extend([Part::Literal(','), Part::Literal(' '), Part::Hour]);
            parts.extend([Part::Literal(':'), Part::Minute]);
        }
        Ok(Self(parts))
    }

    /// The local time that a text stands for; `None` if it is none.
    pub(super) fn read(&self, text: &str) -> Option<civil::DateTime> {
        let mut rest = text.trim();
        let (mut day, mut month, mut year, mut hour) = (0, 0, 0, 0);
        let (mut minute, mut second, mut half) = (0, 0, None);
        for part in &self.0 {
            if !matches!(part, Part::Literal(_)) {
                rest = rest.trim_start();
            }
            match part {
                Part::Day => day = number(&mut rest, 2)?,
                Part::Month => month = number(&mut rest, 2)?,
                Part::MonthName => month = month_name(word(&mut rest)?)?,
                Part::ShortYear => year = 2000 + number(&mut rest, 2)?,
                Part::Year => year = number(&mut rest, 4)?,
                Part::Hour => hour = number(&mut rest, 2)?,
                Part::Minute => minute = number(&mut rest, 2)?,
                Part::Second => second = number(&mut rest, 2)?,
                Part::Half => half = Some(afternoon(&mut rest)?),
                Part::Word => drop(word(&mut rest)?),
                Part::Literal(letter) if letter.is_whitespace() => rest = rest.trim_start(),
                Part::Literal(letter) => rest = rest.trim_start().strip_prefix(*letter)?,
            }
            // Newer sites show seconds, too.
            if *part == Part::Minute
                && !self.0.contains(&Part::Second)
                && let Some(seconds) = rest.strip_prefix(':')
            {
                rest = seconds;
                second = number(&mut rest, 2)?;
            }
        }
        if !rest.trim().is_empty() {
            return None;
        }
        if let Some(afternoon) = half {
            if !(1..=12).contains(&hour) {
                return None;
            }
            hour = hour % 12 + if afternoon { 12 } else { 0 };
        }
        let small = |value: i16| i8::try_from(value).ok();
        let date = civil::Date::new(year, small(month)?, small(day)?).ok()?;
        let time = civil::Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
        Some(date.to_datetime(time))
    }
}

fn number(rest: &mut &str, digits: usize) -> Option<i16> {
    let length = rest
        .bytes()
        .take(digits)
        .take_while(u8::is_ascii_digit)
        .count();
    let (number, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    number.parse().ok()
}

fn word<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let end = rest
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(rest.len());
    let (word, behind) = rest.split_at_checked(end)?;
    *rest = behind;
    Some(word).filter(|word| !word.is_empty())
}

/// A month by its English name or the first three letters of it or more.
fn month_name(word: &str) -> Option<i16> {
    let word = word.to_lowercase();
    let mut months = (1..).zip(MONTHS);
    let found = months.find(|(_, name)| word.len() >= 3 && name.starts_with(&word));
    found.map(|(month, _)| month)
}

fn afternoon(rest: &mut &str) -> Option<bool> {
    let word: String = word(rest)?.to_lowercase();
    match word.as_str() {
        "am" => Some(false),
        "pm" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn read(pattern: &str, text: &str) -> Option<civil::DateTime> {
        Pattern::new(pattern).unwrap().read(text)
    }

    #[test]
    fn locales_differ_in_order_names_and_clock() {
        let expected = Some(date(2018, 3, 4).at(15, 7, 0, 0));
        for (pattern, text) in [
            ("d/m/yy", "4/03/18, 15:07"),
            ("d/mm/yy, HH:MM", "04/03/18, 15:07"),
            ("m/d/yy", "3/4/18, 15:07"),
            ("m/d/yy, h:mm AM", "3/4/18, 3:07 PM"),
            ("d Month yyyy, h:mm AM", "4 March 2018, 3:07 PM"),
            (
                "Weekday, d Month yyyy, h:mm AM",
                "Sunday, 4 March 2018, 3:07 pm",
            ),
            ("d Mon yyyy HH:MM", "4 Mar 2018 15:07"),
            ("d.mm.yyyy, HH:MM", "4.03.2018, 15:07"),
            ("yyyy-mm-dd HH:MM:SS", "2018-03-04 15:07:00"),
            ("d/m/yy", "4/3/18, 15:07:00"),
            ("d/m/yy", " 4/3/18,15:07 "),
        ] {
            assert_eq!(read(pattern, text), expected, "{pattern}: {text}");
        }
        assert_eq!(
            read("m/d/yy, h:mm AM", "3/4/18, 12:07 AM"),
            Some(date(2018, 3, 4).at(0, 7, 0, 0))
        );
        assert_eq!(
            read("d/m/yy", "4/3/18, 15:07:59"),
            Some(date(2018, 3, 4).at(15, 7, 59, 0))
        );
    }

    #[test]
    fn days_that_do_not_exist_are_none() {
        for text in [
            "29/02/18, 10:00",
            "31/02/20, 10:00",
            "0/1/20, 10:00",
            "1/13/20, 10:00",
            "1/1/20, 24:00",
            "1/1/20, 10:60",
            "1/1/2020, 10:00",
            "1/1/20",
            "",
            "yesterday",
            "1/1/20, 10:00 x",
            "1/1/20, 10:00:",
            "\u{661}/1/20, 10:00",
        ] {
            assert_eq!(read("d/m/yy", text), None, "{text}");
        }
        assert!(read("d/m/yy", "29/02/20, 10:00").is_some());
        assert_eq!(read("m/d/yy, h:mm AM", "3/4/18, 13:07 PM"), None);
        assert_eq!(read("d Month yyyy", "4 Ma 2018, 10:00"), None);
    }

    #[test]
    fn a_pattern_must_make_a_date() {
        for pattern in ["", "HH:MM", "d/m", "d/d/yy", "m/yy, HH:MM"] {
            let message = Pattern::new(pattern).unwrap_err().to_string();
            assert!(message.contains("date_format"), "{message}");
        }
    }

    proptest! {
        #[test]
        fn every_minute_reads_back(day in 0_i32..36_000, minute in 0_i32..1_440) {
            let date = date(2000, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
            let text = format!("{}/{:02}/{:02}, {:02}:{:02}", date.day(), date.month(),
                date.year() - 2000, minute / 60, minute % 60);
            let expected = date.at(i8::try_from(minute / 60).unwrap(), i8::try_from(minute % 60).unwrap(), 0, 0);
            prop_assert_eq!(read("d/m/yy", &text), Some(expected));
        }

        #[test]
        fn no_text_makes_it_stumble(pattern in "[dmyhHMSA/:, é]{0,20}", text in "[0-9/:, APMé]{0,30}") {
            if let Ok(pattern) = Pattern::new(&pattern) {
                pattern.read(&text);
            }
        }
    }
}
