//! Scales: from values to positions on a canvas, with round ticks.

use crate::number;

/// A scale from a domain of values to a range of positions.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
    from: f64,
    to: f64,
}

impl Scale {
    /// A linear scale over a domain; one of no width is widened, and so is one that is no domain at all.
    pub fn linear(low: f64, high: f64) -> Self {
        let (low, high) = match (low.is_finite(), high.is_finite()) {
            // Beyond this the width of the domain would overflow.
            (true, true) if low.abs() < 1e300 && high.abs() < 1e300 => (low.min(high), low.max(high)),
            _ => (0.0, 1.0),
        };
        let room = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
        let (low, high) = if high - low <= low.abs() * 1e-9 { (low - room, high + room) } else { (low, high) };
        Self { low, high, logarithmic: false, from: 0.0, to: 1.0 }
    }

    /// A logarithmic scale over a domain of positive values.
    pub fn logarithmic(low: f64, high: f64) -> Self {
        let (low, high) = if low > 0.0 && high.is_finite() && high >= low { (low, high) } else { (0.1, 10.0) };
        let (low, high) = if high / low < 1.05 { (low / 1.5, high * 1.5) } else { (low, high) };
        Self { low: low.log10(), high: high.log10(), logarithmic: true, from: 0.0, to: 1.0 }
    }

    /// A linear scale that holds all finite values, with some room at both ends.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = extent(values).unwrap_or((0.0, 1.0));
        let room = (high - low) * 0.05;
        Self::linear(low - room, high + room)
    }

    /// The same over other positions; `from` may be the larger.
    pub fn over(self, from: f64, to: f64) -> Self {
        Self { from, to, ..self }
    }

    /// Position of a value; none of a value that the scale cannot place.
    pub fn at(&self, value: f64) -> Option<f64> {
        let value = if self.logarithmic { value.log10() } else { value };
        let place = self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from);
        place.is_finite().then_some(place)
    }

    /// The ends of the domain.
    pub fn ends(&self) -> (f64, f64) {
        if self.logarithmic { (10f64.powf(self.low), 10f64.powf(self.high)) } else { (self.low, self.high) }
    }

    /// Whether a value is within the domain.
    pub fn holds(&self, value: f64) -> bool {
        let value = if self.logarithmic { value.log10() } else { value };
        value.is_finite() && value >= self.low - 1e-9 && value <= self.high + 1e-9
    }

    /// Position of a value, moved to the nearer end if it is outside.
    pub fn clamped(&self, value: f64) -> Option<f64> {
        let inner = if self.logarithmic { value.log10() } else { value };
        if inner.is_nan() {
            return None;
        }
        let inner = inner.clamp(self.low, self.high);
        Some(self.from + (inner - self.low) / (self.high - self.low) * (self.to - self.from))
    }

    /// About so many ticks at round values, with their labels.
    pub fn ticks(&self, about: usize) -> Vec<(f64, String)> {
        if self.logarithmic { self.decades(about) } else { self.rounds(about) }
    }

    fn rounds(&self, about: usize) -> Vec<(f64, String)> {
        let rough = (self.high - self.low) / about.max(1) as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|&step| step >= rough * 0.999);
        let step = step.unwrap_or(10.0 * power);
        let (first, last) = ((self.low / step - 1e-6).ceil(), (self.high / step + 1e-6).floor());
        if !(first.is_finite() && last.is_finite()) || last - first > 100.0 {
            return Vec::new();
        }
        // Values beside which a step vanishes would all bear the same label.
        let count = (last - first) as usize;
        (0..=count).map(|index| (first + index as f64) * step).map(|tick| (tick, number::tick(tick, step))).collect()
    }

    fn decades(&self, about: usize) -> Vec<(f64, String)> {
        let span = self.high - self.low;
        let (first, last) = (self.low.floor() as i32, self.high.ceil() as i32);
        let every = (span / about.max(1) as f64).ceil().max(1.0) as i32;
        let within: &[f64] = if span < 0.7 {
            &[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0]
        } else if span < 2.5 {
            &[1.0, 2.0, 5.0]
        } else {
            &[1.0]
        };
        (first..=last)
            .filter(|decade| decade.rem_euclid(every) == 0)
            .flat_map(|decade| within.iter().map(move |times| times * 10f64.powi(decade)))
            .filter(|&tick| self.holds(tick))
            .map(|tick| (tick, number::plain(tick)))
            .collect()
    }
}

/// Smallest and largest of the finite values.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite()).fold(None, |found, value| match found {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, about: usize) -> Vec<String> {
        scale.ticks(about).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(labels(Scale::linear(0.0, 1.0), 6), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(Scale::linear(-3.0, 12.0), 4), ["0", "5", "10"]);
        assert_eq!(labels(Scale::logarithmic(0.15, 3.0), 5), ["0.2", "0.5", "1", "2"]);
        assert_eq!(labels(Scale::logarithmic(1e-5, 10.0), 7), ["10⁻⁵", "10⁻⁴", "0.001", "0.01", "0.1", "1", "10"]);
    }

    #[test]
    fn values_fall_where_they_belong() {
        let scale = Scale::logarithmic(0.1, 10.0).over(100.0, 0.0);
        assert_eq!(scale.at(1.0).map(f64::round), Some(50.0));
        assert_eq!([scale.at(0.0), scale.at(-1.0), scale.at(f64::NAN)], [None; 3]);
        assert_eq!(scale.clamped(f64::INFINITY).map(f64::round), Some(0.0));
        assert!(scale.holds(10.0) && !scale.holds(10.1));
    }

    #[test]
    fn domains_without_width_are_widened() {
        for value in [0.0, 5.0, -5.0, 1e299, 1e-300] {
            let scale = Scale::of([value, value]).over(0.0, 10.0);
            let (low, high) = scale.ends();
            assert!(low < value && value < high, "{value}");
            assert!(scale.at(value).is_some_and(|at| at > 0.0 && at < 10.0), "{value}");
        }
    }
}
