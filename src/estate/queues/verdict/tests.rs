use super::*;

const CYCLE: Duration = Duration::from_mins(1);

const SENDER: Sending = Sending {
    cycle: Some(CYCLE),
    batch: Some(10),
    in_order: true,
    defers: false,
};

fn at(second: u64) -> Moment {
    Moment::from_millis(1_790_000_000_000).plus(Duration::from_secs(second))
}

/// A table whose sender takes `batch` mails once a minute, `offset` seconds after the full one, until `stops`.
struct Table {
    begin: u64,
    batch: u64,
    offset: u64,
    stops: u64,
    /// Mails that come each minute, half a minute after the sender.
    arriving: u64,
}

impl Table {
    fn sample(&self, second: u64) -> Sample {
        let runs = |until: u64| (until + 60 - self.offset) / 60;
        let sent = self.batch * runs(second.min(self.stops));
        let came = self.begin + self.arriving * ((second + 30) / 60);
        let gone = sent.min(came);
        Sample {
            head: (came > gone).then_some(gone + 1),
            enqueued: Some(came),
            ..Sample::depth(at(second), came - gone)
        }
    }

    fn course(&self, every: u64, until: u64) -> Course {
        let mut course = Course::default();
        for second in (0..=until).step_by(usize::try_from(every).unwrap_or(1)) {
            course.take(self.sample(second), SENDER);
        }
        course
    }
}

const NEWSLETTER: Table = Table {
    begin: 210,
    batch: 10,
    offset: 7,
    stops: u64::MAX / 2,
    arriving: 0,
};

#[test]
fn two_hundred_drained_by_ten_a_minute_need_twenty_minutes() {
    // Whatever the readings' rhythm is against the sender's.
    for every in [2, 7, 10, 15, 30, 45, 60, 90] {
        for offset in [1, 7, 29, 31, 59] {
            let table = Table {
                offset,
                ..NEWSLETTER
            };
            for until in [240, 300, 400, 600, 900] {
                // Readings that are rarer than the runs need some more of them.
                if every > 60 && until < 600 {
                    continue;
                }
                let course = table.course(every, until);
                let verdict = judge(&course, SENDER);
                let Verdict::Draining(left) = verdict else {
                    unreachable!("{verdict:?} at {until} s, every {every} s, offset {offset}")
                };
                let last = course.samples().next_back().map_or(0, |s| s.depth);
                let wanted = last as f64 / 10.0 * 60.0;
                let off = (left.as_secs_f64() / wanted - 1.0).abs();
                assert!(off < 0.15, "{left:?} for {last}, every {every} s");
            }
        }
    }
}

#[test]
fn arrivals_while_it_drains_are_counted_against_it() {
    let table = Table {
        arriving: 4,
        ..NEWSLETTER
    };
    let course = table.course(30, 600);
    let Verdict::Draining(left) = judge(&course, SENDER) else {
        unreachable!("{:?}", judge(&course, SENDER))
    };
    let last = course.samples().next_back().map_or(0, |s| s.depth);
    let wanted = last as f64 / 6.0 * 60.0;
    assert!((left.as_secs_f64() / wanted - 1.0).abs() < 0.15, "{left:?}");
}

#[test]
fn a_sender_that_stops_is_seen_after_three_cycles_and_never_before() {
    for every in [2, 10, 30, 60] {
        for offset in [0, 13, 59] {
            let table = Table {
                offset,
                stops: 300,
                ..NEWSLETTER
            };
            let mut course = Course::default();
            let mut last_left = 0;
            let mut before = None;
            let mut seen = false;
            for second in (0..900).step_by(every) {
                let sample = table.sample(second);
                if before.is_some_and(|depth| sample.depth < depth) {
                    last_left = second;
                }
                before = Some(sample.depth);
                course.take(sample, SENDER);
                let verdict = judge(&course, SENDER);
                let waited = second - last_left;
                let stuck = matches!(verdict, Verdict::NotDraining(_));
                assert_eq!(stuck, waited >= 180, "{verdict:?} after {waited} s");
                if let Verdict::NotDraining(stuck) = verdict {
                    assert_eq!(u64::from(stuck.cycles), waited / 60);
                    assert_eq!(stuck.since, at(last_left));
                    seen = true;
                }
            }
            assert!(seen);
        }
    }
}

#[test]
fn one_mail_that_does_not_leave_is_not_healthy() {
    let table = Table {
        begin: 1,
        stops: 0,
        offset: 60,
        batch: 10,
        arriving: 0,
    };
    assert_eq!(judge(&table.course(30, 0), SENDER), Verdict::Watching);
    assert_eq!(judge(&table.course(30, 150), SENDER), Verdict::Steady);
    let verdict = judge(&table.course(30, 180), SENDER);
    assert!(matches!(
        verdict,
        Verdict::NotDraining(Stuck { cycles: 3, .. })
    ));
    assert_eq!(verdict.severity(), Severity::Warning);
    let verdict = judge(&table.course(30, 600), SENDER);
    assert_eq!(verdict.severity(), Severity::Critical);
}

#[test]
fn what_comes_faster_than_it_leaves_grows() {
    let table = Table {
        begin: 20,
        arriving: 30,
        ..NEWSLETTER
    };
    let verdict = judge(&table.course(30, 600), SENDER);
    let Verdict::Growing(PerMinute(pace)) = verdict else {
        unreachable!("{verdict:?}")
    };
    assert!((pace - 20.0).abs() < 3.0, "{pace}");
}

#[test]
fn a_newsletter_that_was_just_written_drains_as_soon_as_it_does() {
    let mut course = Course::default();
    let mut numbered = |second: u64, depth: u64, gone: u64| {
        let sample = Sample {
            head: (depth > 0).then_some(gone + 1),
            enqueued: Some(gone + depth),
            ..Sample::depth(at(second), depth)
        };
        course.take(sample, SENDER);
        judge(&course, SENDER)
    };
    for second in [0, 30, 60, 90] {
        assert_eq!(numbered(second, 0, 50), Verdict::Empty);
    }
    assert!(matches!(numbered(120, 200, 50), Verdict::Growing(_)));
    numbered(150, 190, 60);
    numbered(180, 190, 60);
    let verdict = numbered(210, 180, 70);
    assert_eq!(verdict, Verdict::Draining(Duration::from_mins(18)));
}

#[test]
fn depths_alone_never_say_that_nothing_leaves() {
    let mut course = Course::default();
    for second in (0..3600).step_by(60) {
        course.take(Sample::depth(at(second), 5), SENDER);
    }
    assert_eq!(judge(&course, SENDER), Verdict::Steady);
    assert_eq!(judge(&Course::default(), SENDER), Verdict::Unknown(None));
}

#[test]
fn mails_that_wait_on_purpose_are_not_stuck() {
    let postfix = Sending {
        cycle: Some(Duration::from_mins(5)),
        defers: true,
        ..Sending::default()
    };
    let mut course = Course::default();
    for second in (0..3600).step_by(30) {
        let sample = Sample {
            due: 0,
            enqueued: Some(9),
            ..Sample::depth(at(second), 9)
        };
        course.take(sample, postfix);
    }
    assert_eq!(judge(&course, postfix), Verdict::Waiting);
    // Mails that are being delivered and never are.
    for second in (3600..5400).step_by(30) {
        let sample = Sample {
            due: 2,
            enqueued: Some(11),
            ..Sample::depth(at(second), 11)
        };
        course.take(sample, postfix);
    }
    let verdict = judge(&course, postfix);
    assert!(matches!(verdict, Verdict::NotDraining(_)), "{verdict:?}");
}
