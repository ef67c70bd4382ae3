//! Numbers that are known to lie between two ends.

/// All numbers from `low` to `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// Rounding of sums and products, relative.
pub(super) const ROUNDING: f64 = 1e-9;

impl Interval {
    pub(super) const ALL: Self = Self {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
    };

    pub(super) fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self::new(self.low + other.low, self.high + other.high)
    }

    pub(super) fn times(self, factor: f64) -> Self {
        let (a, b) = (product(self.low, factor), product(self.high, factor));
        Self::new(a.min(b), a.max(b))
    }

    pub(super) fn squared(self) -> Self {
        let (a, b) = (self.low * self.low, self.high * self.high);
        let least = if self.low <= 0.0 && self.high >= 0.0 {
            0.0
        } else {
            a.min(b)
        };
        Self::new(least, a.max(b))
    }

    /// What both say; nothing if they contradict each other by more than rounding.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        let (low, high) = (self.low.max(other.low), self.high.min(other.high));
        if low <= high {
            return Some(Self::new(low, high));
        }
        let close = low - high <= ROUNDING * low.abs().max(high.abs()).max(1.0);
        close.then(|| Self::new(low.midpoint(high), low.midpoint(high)))
    }

    pub(super) fn width(self) -> f64 {
        self.high - self.low
    }

    pub(super) fn middle(self) -> f64 {
        self.low.midpoint(self.high)
    }

    /// The whole numbers inside, ends that rounding has moved included.
    pub(super) fn wholes(self) -> Self {
        let slack = |v: f64| ROUNDING * v.abs().max(1.0) * 100.0;
        let low = (self.low - slack(self.low)).ceil();
        Self::new(low, (self.high + slack(self.high)).floor())
    }

    /// The multiples of a resolution inside, if there is one, by their ends.
    pub(super) fn snapped(self, resolution: Option<f64>) -> Self {
        match resolution {
            Some(step) if self.width().is_finite() => {
                let own = self.times(1.0 / step).wholes();
                if own.low <= own.high {
                    own.times(step)
                } else {
                    self
                }
            }
            _ => self,
        }
    }

    /// Whether one value only is left: one multiple of the resolution, or a point.
    pub(super) fn pins(self, resolution: Option<f64>) -> bool {
        if !(self.low.is_finite() && self.high.is_finite()) {
            return false;
        }
        if let Some(step) = resolution {
            let wholes = self.times(1.0 / step).wholes();
            return wholes.high - wholes.low < 0.5;
        }
        self.width() <= 1e-6 * self.low.abs().max(self.high.abs()).max(1e-6)
    }
}

/// A product in which nothing of something endless is nothing.
fn product(value: f64, factor: f64) -> f64 {
    if factor.abs() > 0.0 {
        value * factor
    } else {
        0.0
    }
}
