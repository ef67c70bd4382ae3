//! What comes out.

/// How something was inferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Attack {
    /// The total of a group of few learners was published.
    SmallGroup,
    /// One release less another leaves few learners.
    Difference,
    /// Three or more releases, added and subtracted, leave few learners.
    Tracker,
    /// Minima and maxima tell whose they are.
    Extremes,
    /// All that was published together leaves a value little room.
    Bounds,
    /// Few sets of values agree with the statistics of a group.
    Reconstruction,
    /// Few numbers of learners agree with the decimals.
    SampleSize,
}

impl Attack {
    /// Every attack, in the order tables show them.
    pub const ALL: [Self; 7] = [
        Self::SmallGroup,
        Self::Difference,
        Self::Tracker,
        Self::Extremes,
        Self::Bounds,
        Self::Reconstruction,
        Self::SampleSize,
    ];

    /// The name that tables show.
    pub fn name(self) -> &'static str {
        match self {
            Self::SmallGroup => "small_group",
            Self::Difference => "difference",
            Self::Tracker => "tracker",
            Self::Extremes => "extremes",
            Self::Bounds => "bounds",
            Self::Reconstruction => "reconstruction",
            Self::SampleSize => "sample_size",
        }
    }
}

/// What was inferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Inferred {
    /// The value of one learner.
    Value,
    /// The total of several learners.
    Total,
    /// The values of a group, but not whose is which.
    Values,
    /// How many learners there are.
    Size,
}

impl Inferred {
    /// The name that tables show.
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Total => "total",
            Self::Values => "values",
            Self::Size => "size",
        }
    }
}

/// Something that follows from what was published.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// How.
    pub attack: Attack,
    /// What.
    pub inferred: Inferred,
    /// Of which metric; none for a size.
    pub metric: Option<u32>,
    /// Of which release; none for what follows from several.
    pub release: Option<u32>,
    /// About whom; nobody for a size.
    pub learners: Vec<u32>,
    /// The least it can be.
    pub low: f64,
    /// The greatest it can be.
    pub high: f64,
    /// Whether nothing is left open.
    pub exact: bool,
    /// The sets of values that agree, for [`Inferred::Values`].
    pub solutions: Vec<Vec<f64>>,
    /// How it comes about, such as `A + B - C - D`.
    pub evidence: String,
}

/// A small group whose values were searched for.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// How it comes about.
    pub evidence: String,
    /// Of which metric.
    pub metric: u32,
    /// How many learners it has.
    pub learners: usize,
    /// Sets of values that agree with what was published; counting stops at 1000.
    pub solutions: usize,
    /// Whether all were counted, or 1000.
    pub complete: bool,
}

/// What could be inferred, and what was not looked for.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Everything inferred, attack by attack.
    pub findings: Vec<Finding>,
    /// The small groups whose values were searched for.
    pub groups: Vec<Group>,
    /// What was left out, and why.
    pub unsearched: Vec<String>,
}
