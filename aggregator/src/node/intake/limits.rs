//! What one sender may ask for: a bucket of submissions that fills up again at a steady rate.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::Mutex,
    time::{Duration, Instant},
};

/// Seconds of the rate that may come at once.
const BURST_SECONDS: f64 = 2.0;
/// Senders that are remembered; a full bucket is the same as a sender that was never seen.
const SENDERS: usize = 4096;

/// All senders.
pub(super) struct Limits {
    rate: f64,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Limits {
    /// Limits of so many submissions a second and sender.
    pub(super) fn new(rate: u32) -> Self {
        Self {
            rate: rate.into(),
            buckets: Mutex::default(),
        }
    }

    /// Takes one submission of a sender, or says how long it has to wait.
    pub(super) fn take(&self, sender: IpAddr, now: Instant) -> Result<(), Duration> {
        let full = self.rate * BURST_SECONDS;
        let mut buckets = self
            .buckets
            .lock()
            .expect("invariant: nothing panics while it holds the lock");
        if buckets.len() >= SENDERS {
            let refilled = |bucket: &Bucket| {
                bucket.tokens + now.duration_since(bucket.at).as_secs_f64() * self.rate >= full
            };
            buckets.retain(|_, bucket| !refilled(bucket));
        }
        let bucket = buckets.entry(sender).or_insert(Bucket {
            tokens: full,
            at: now,
        });
        let since = now.duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + since * self.rate).min(full);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.tokens) / self.rate));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_rate_and_each_sender_for_itself() {
        let limits = Limits::new(10);
        let [one, two] = [[10, 0, 0, 1], [10, 0, 0, 2]].map(IpAddr::from);
        let start = Instant::now();
        for _ in 0..20 {
            assert_eq!(limits.take(one, start), Ok(()));
        }
        let wait = limits.take(one, start).expect_err("the bucket is empty");
        assert!(wait <= Duration::from_millis(100), "{wait:?}");
        assert_eq!(limits.take(two, start), Ok(()));
        let later = start + Duration::from_millis(101);
        assert_eq!(limits.take(one, later), Ok(()));
        assert!(limits.take(one, later).is_err());
    }
}
