//! What a funnel asks: steps, their order, and how long they may take.

use crate::data::schema::Kind;
use crate::data::{DAY, HOUR, Id, SECOND, show_span};
use crate::personal::{Order, Place};
use crate::{Error, Result};

/// Steps that may be asked for at once.
const MOST: usize = 100;

/// Lengths of the conversion window that may be asked for: with windows of every length the order
/// of all learners' times could be found out.
pub(super) const WINDOWS: [i64; 16] = [
    300 * SECOND,
    900 * SECOND,
    1_800 * SECOND,
    HOUR,
    2 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    56 * DAY,
    112 * DAY,
    365 * DAY,
];

/// Steps of a course that members may have reached one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funnel {
    pub(super) steps: Vec<Id>,
    pub(super) by: Place,
    pub(super) order: Order,
    pub(super) within: Option<i64>,
}

impl Funnel {
    /// A funnel of contents, modules or kinds of content, from the first step to the last, all of
    /// them `within` so many microseconds.
    ///
    /// # Errors
    /// [`Error::Parameter`] for no steps, more than 100, the same one twice, a kind that there is
    /// not, and a window that is not of the public grid (5, 15, 30 min, 1, 2, 6, 12 h, 1, 2, 3, 7,
    /// 14, 28, 56, 112, 365 d). A content or module that there is not is no error: nobody reached
    /// it, as far as anyone may know.
    ///
    /// ```
    /// use kohort::data::{HOUR, Id};
    /// use kohort::group::Funnel;
    /// use kohort::personal::{Order, Place};
    /// let steps = || vec![Id::from("intro"), Id::from("quiz")];
    /// assert!(Funnel::new(steps(), Place::Content, Order::Ordered, Some(6 * HOUR)).is_ok());
    /// assert!(Funnel::new(steps(), Place::Content, Order::Ordered, Some(5 * HOUR)).is_err());
    /// assert!(Funnel::new(Vec::new(), Place::Content, Order::Ordered, None).is_err());
    /// ```
    pub fn new(steps: Vec<Id>, by: Place, order: Order, within: Option<i64>) -> Result<Self> {
        let refuse = |expected: &str, got: String| Err(Error::parameter("steps", expected, got));
        if !(1..=MOST).contains(&steps.len()) {
            return refuse("1 to 100 steps", steps.len().to_string());
        }
        let mut sorted: Vec<String> = steps.iter().map(Id::to_string).collect();
        sorted.sort_unstable();
        if let Some([twice, _]) = sorted.windows(2).find(|two| two.first() == two.last()) {
            return refuse("steps that differ", format!("{twice:?} twice"));
        }
        let unknown = |word: &&String| Kind::parse(word).is_none();
        if let Some(word) = sorted.iter().find(unknown).filter(|_| by == Place::Kind) {
            return refuse("kinds of content", format!("{word:?}"));
        }
        if let Some(span) = within.filter(|span| !WINDOWS.contains(span)) {
            let grid: Vec<String> = WINDOWS.iter().map(|span| show_span(*span)).collect();
            let expected = format!("one of {}", grid.join(", "));
            return Err(Error::parameter("within", expected, show_span(span)));
        }
        Ok(Self {
            steps,
            by,
            order,
            within,
        })
    }
}
