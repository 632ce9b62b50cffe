//! When an object is made.

use std::time::{SystemTime, UNIX_EPOCH};

use dicom_core::chrono::{DateTime, Utc};
use voxomics_sdk::Error;

/// The variable that sets the clock, so that two runs make the same bytes: seconds since 1970, as reproducible builds have it.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

/// A date and a time of universal time, as DICOM writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// `YYYYMMDD`.
    pub date: String,
    /// `HHMMSS`.
    pub time: String,
}

impl Moment {
    /// This moment, or that of `SOURCE_DATE_EPOCH`.
    ///
    /// # Errors
    /// If the variable or the clock is no time.
    pub fn now() -> Result<Self, Error> {
        let seconds = match std::env::var(EPOCH) {
            Ok(text) => text.parse().map_err(|_| {
                Error::input(format!("{EPOCH} is `{text}`, expected seconds since 1970: set it so, or take it away"))
            })?,
            Err(_) => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH);
                since.map_err(|_| Error::input("the clock stands before 1970: set it"))?.as_secs()
            }
        };
        Self::at(seconds)
    }

    fn at(seconds: u64) -> Result<Self, Error> {
        let moment: DateTime<Utc> = i64::try_from(seconds)
            .ok()
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .ok_or_else(|| Error::input(format!("{seconds} seconds after 1970 is no date")))?;
        Ok(Self { date: moment.format("%Y%m%d").to_string(), time: moment.format("%H%M%S").to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn seconds_are_a_date_and_a_time() {
        let moment = Moment::at(951_827_696).expect("a date");
        assert_eq!((moment.date.as_str(), moment.time.as_str()), ("20000229", "123456"));
        assert!(Moment::at(u64::MAX).is_err());
    }
}
