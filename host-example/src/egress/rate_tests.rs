//! Time in here moves only when it is moved on: governor's fake clock, or tokio's paused one.

use super::*;
use crate::settings::RequestRate;
use governor::clock::FakeRelativeClock;
use std::collections::VecDeque;
use std::sync::atomic::AtomicU64;

/// Enough for any wait here.
const LONG: Duration = Duration::from_secs(48 * 60 * 60);

/// 2021-07-22, 00:00:00 UTC.
const MIDNIGHT: u64 = 1_626_912_000;

/// A tenant's limit, its figures, and a wall clock that goes with tokio's, from this many seconds after midnight.
fn limit_at(rate: RequestRate, after_midnight: u64) -> (Arc<RateLimit>, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    let (began, wall) = (Instant::now(), SystemTime::UNIX_EPOCH + Duration::from_secs(MIDNIGHT + after_midnight));
    let limit = RateLimit::with_wall_clock(rate, Arc::clone(&counters), move || wall + began.elapsed());
    (Arc::new(limit), counters)
}

fn limit(per_minute: u32) -> (Arc<RateLimit>, Arc<Counters>) {
    limit_at(RequestRate::per_minute(per_minute), 0)
}

fn figures(counters: &Counters) -> (u64, u64) {
    let snapshot = counters.snapshot();
    (snapshot.rate_waits, snapshot.rate_refused)
}

async fn admit(limit: &RateLimit, patience: Duration) -> Result<(), Refused> {
    limit.admit(Instant::now() + patience).await
}

fn refused(limit: Limit, seconds: u64) -> Result<(), Refused> {
    Err(Refused { limit, seconds })
}

/// The last N that were let go, and the sum of all: fails as soon as one is the N + 1st within a minute.
struct Minute {
    most: usize,
    recent: VecDeque<Duration>,
    all: u64,
}

impl Minute {
    fn let_go(&mut self, now: Duration) {
        if self.recent.len() == self.most {
            let oldest = self.recent.pop_front().unwrap();
            assert!(now - oldest >= MINUTE, "{} within {:?}, the last at {now:?}", self.most + 1, now - oldest);
        }
        self.recent.push_back(now);
        self.all += 1;
    }
}

#[test]
fn never_more_than_n_in_any_minute() {
    for most in [1, 2, 3, 4, 7, 9, 10, 11, 19, 20, 59, 60, 61, 99, 100, 240, 997, 1000, 7919, 60_000, 1_000_000] {
        // As fast as it lets them, from the first moment; and by a clock that ticks beside its own steps, with a rest
        // that fills the bucket.
        for tick in [None, Some(Duration::from_micros(10_007)), Some(Duration::from_micros(999_983))] {
            let clock = FakeRelativeClock::default();
            let limiter = RateLimiter::direct_with_clock(quota(most), clock.clone());
            let mut minute = Minute { most: most as usize, recent: VecDeque::new(), all: 0 };
            let mut now = Duration::ZERO;
            let mut rested = Duration::ZERO;
            while now < 4 * MINUTE && minute.all < 3 * u64::from(most) + 10 {
                match limiter.check() {
                    Ok(()) => minute.let_go(now),
                    Err(not_yet) => {
                        let step = tick.unwrap_or_else(|| not_yet.wait_time_from(clock.now()));
                        clock.advance(step);
                        now += step;
                    }
                }
                if minute.all == u64::from(most) && rested.is_zero() {
                    rested = 2 * MINUTE + Duration::from_nanos(1);
                    clock.advance(rested);
                    now += rested;
                }
            }
            assert!(minute.all >= u64::from(most), "{} of {most}", minute.all);
        }
    }
}

#[test]
fn the_steady_rate_is_nine_tenths_at_least() {
    for most in [1_u32, 4, 9, 10, 60, 100, 1000, 1_000_000] {
        let interval = quota(most).replenish_interval().as_nanos() as f64;
        let (steady, burst) = (60e9 / interval, quota(most).burst_size().get());
        assert!(steady > 0.9 * f64::from(most) - 1e-3 * f64::from(most), "{steady} of {most}");
        assert!(steady <= f64::from(most) && burst == most / 10 + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_goes_at_once_and_the_rest_in_step() {
    let (limit, counters) = limit(60);
    let began = Instant::now();
    // 7 at once, then 54 a minute.
    let mut minute = Minute { most: 60, recent: VecDeque::new(), all: 0 };
    for _ in 0..200 {
        assert_eq!(admit(&limit, LONG).await, Ok(()));
        minute.let_go(began.elapsed());
    }
    let took = began.elapsed();
    let steady = MINUTE * (200 - 7) / 54;
    assert!(took >= steady && took < steady + Duration::from_secs(1), "{took:?}");
    assert_eq!(figures(&counters), (200 - 7, 0));
}

#[tokio::test(start_paused = true)]
async fn who_cannot_wait_is_refused_at_once_with_the_seconds() {
    let (limit, counters) = limit(4);
    assert_eq!(admit(&limit, Duration::ZERO).await, Ok(()));
    let began = Instant::now();
    // 15 seconds apart, and one of them kept for the answer.
    assert_eq!(admit(&limit, Duration::from_secs(15)).await, refused(Limit::Minute, 15));
    tokio::time::advance(Duration::from_millis(4500)).await;
    assert_eq!(admit(&limit, Duration::from_secs(1)).await, refused(Limit::Minute, 11));
    tokio::time::advance(Duration::from_millis(10_499)).await;
    assert_eq!(admit(&limit, Duration::ZERO).await, refused(Limit::Minute, 1));
    assert_eq!(began.elapsed(), Duration::from_millis(14_999));
    assert_eq!(figures(&counters), (0, 3));
    // Refusals use nothing.
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(admit(&limit, Duration::ZERO).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn the_line_is_first_come_first_served_and_its_end_is_reckoned() {
    let (limit, counters) = limit(4);
    admit(&limit, LONG).await.unwrap();
    let began = Instant::now();
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..5 {
        let limit = Arc::clone(&limit);
        waiting.spawn(async move {
            admit(&limit, LONG).await.unwrap();
            (number, began.elapsed().as_secs())
        });
        tokio::task::yield_now().await;
    }
    // Five before: the sixth has to wait 90 seconds, which is known now.
    tokio::time::advance(Duration::from_millis(100)).await;
    assert_eq!(admit(&limit, Duration::from_secs(60)).await, refused(Limit::Minute, 90));
    assert!(began.elapsed() < Duration::from_secs(1));
    let mut order = Vec::new();
    while let Some(ended) = waiting.join_next().await {
        order.push(ended.unwrap());
    }
    assert_eq!(order, [(0, 15), (1, 30), (2, 45), (3, 60), (4, 75)]);
    assert_eq!(figures(&counters), (5, 1));
    let line = limit.line();
    assert!(line.length == 0 && line.next.is_none());
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_has_used_nothing_and_those_behind_move_up() {
    let (limit, _) = limit(4);
    admit(&limit, LONG).await.unwrap();
    let began = Instant::now();
    let wait = || {
        let limit = Arc::clone(&limit);
        tokio::spawn(async move { admit(&limit, LONG).await })
    };
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(wait());
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    // The head, and one behind it.
    for gone in [0, 1] {
        waiting[gone].abort();
    }
    assert_eq!(waiting.remove(2).await.unwrap(), Ok(()));
    assert_eq!(began.elapsed().as_secs(), 15);
    assert!(limit.line().next.is_none());
    assert_eq!(admit(&limit, Duration::ZERO).await, refused(Limit::Minute, 15));
}

#[tokio::test(start_paused = true)]
async fn a_line_of_any_length_keeps_to_the_minute() {
    let (limit, counters) = limit(100);
    let began = Instant::now();
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0_u64..500 {
        let limit = Arc::clone(&limit);
        waiting.spawn(async move {
            tokio::time::sleep(Duration::from_millis(number * 97 % 1013)).await;
            let admitted = admit(&limit, Duration::from_secs(120)).await;
            admitted.map(|()| began.elapsed())
        });
    }
    let ended: Vec<_> = waiting.join_all().await;
    let mut times: Vec<_> = ended.iter().filter_map(|ended| ended.ok()).collect();
    times.sort_unstable();
    let mut minute = Minute { most: 100, recent: VecDeque::new(), all: 0 };
    times.iter().for_each(|time| minute.let_go(*time));
    // Two minutes' worth went, the others knew at once.
    assert!((180..=200).contains(&times.len()), "{}", times.len());
    assert_eq!(figures(&counters).1, 500 - times.len() as u64);
    assert!(*times.last().unwrap() < Duration::from_secs(121));
}

#[tokio::test(start_paused = true)]
async fn a_day_has_its_own_limit_and_ends_at_midnight_utc() {
    let rate = RequestRate { per_minute: 1000, per_day: Some(3) };
    // An hour before midnight.
    let (limit, counters) = limit_at(rate, 23 * 60 * 60);
    for _ in 0..3 {
        assert_eq!(admit(&limit, Duration::ZERO).await, Ok(()));
    }
    assert_eq!(admit(&limit, MINUTE).await, refused(Limit::Day, 3600));
    tokio::time::advance(Duration::from_secs(3600) - Duration::from_millis(10)).await;
    assert_eq!(admit(&limit, Duration::ZERO).await, refused(Limit::Day, 1));
    // Midnight is near enough to wait for, and brings three more.
    for _ in 0..3 {
        assert_eq!(admit(&limit, MINUTE).await, Ok(()));
    }
    assert_eq!(admit(&limit, MINUTE).await, refused(Limit::Day, 86_400));
    assert_eq!(figures(&counters), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_what_is_left_of_the_day_is_counted() {
    let (limit, _) = limit_at(RequestRate { per_minute: 4, per_day: Some(3) }, 0);
    admit(&limit, LONG).await.unwrap();
    for _ in 0..2 {
        let limit = Arc::clone(&limit);
        tokio::spawn(async move { admit(&limit, LONG).await });
        tokio::task::yield_now().await;
    }
    assert_eq!(admit(&limit, Duration::from_secs(600)).await, refused(Limit::Day, 86_400));
}

#[tokio::test(start_paused = true)]
async fn public_is_four_a_minute_and_five_hundred_a_day() {
    let (limit, _) = limit_at(RequestRate::PUBLIC, 0);
    let began = Instant::now();
    let mut minute = Minute { most: 4, recent: VecDeque::new(), all: 0 };
    for _ in 0..500 {
        admit(&limit, MINUTE).await.unwrap();
        minute.let_go(began.elapsed());
    }
    assert!(matches!(admit(&limit, MINUTE).await, Err(Refused { limit: Limit::Day, .. })));
}

#[tokio::test]
async fn a_wall_clock_that_is_set_back_does_not_hold_the_tenant_back() {
    let wall = Arc::new(AtomicU64::new(MIDNIGHT + 366 * DAY.as_secs()));
    let given = Arc::clone(&wall);
    let rate = RequestRate { per_minute: 1000, per_day: Some(1) };
    let limit = RateLimit::with_wall_clock(rate, Arc::default(), move || {
        SystemTime::UNIX_EPOCH + Duration::from_secs(given.load(Relaxed))
    });
    assert_eq!(admit(&limit, Duration::ZERO).await, Ok(()));
    assert_eq!(admit(&limit, Duration::ZERO).await, refused(Limit::Day, 86_400));
    wall.store(MIDNIGHT, Relaxed);
    assert_eq!(admit(&limit, Duration::ZERO).await, Ok(()));
    // Before 1970 is a day, too.
    let limit = RateLimit::with_wall_clock(rate, Arc::default(), || SystemTime::UNIX_EPOCH - DAY);
    assert_eq!(admit(&limit, Duration::ZERO).await, Ok(()));
}
