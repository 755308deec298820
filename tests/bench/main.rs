//! Benchmarks: what a user would feel if it were slow. `cargo bench`; timings are never tests.

mod bodies;
mod folding;
mod screens;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use vigie::app::{App, Message, update};
use vigie::domain::Text;
use vigie::domain::keypress::KeyPress;
use vigie::source::{checkmk, proxmox};

fn parsing(criterion: &mut Criterion) {
    let guests = bodies::guests(10_000);
    criterion.bench_function("parse 10,000 guests", |b| {
        b.iter(|| {
            proxmox::parse_resources(black_box(guests.as_bytes()), &mut proxmox::Names::default())
                .map(|r| r.guests.len())
        });
    });
    let services = bodies::services(100_000);
    let mut group = criterion.benchmark_group("large");
    group.sample_size(10);
    group.bench_function("parse 100,000 services", |b| {
        b.iter(|| {
            checkmk::parse_services(black_box(services.as_bytes())).map(|s| s.services.len())
        });
    });
    group.finish();
}

fn cleaning(criterion: &mut Criterion) {
    let plain = "golem/105 wiki is stopped, shut down 12 minutes ago by anne@pam";
    let hostile = "a\u{1b}[31mred\u{7}\u{202e}evil\u{200b} 日本語 e\u{301} مرحبا".repeat(4);
    criterion.bench_function("clean a plain line", |b| {
        b.iter(|| Text::clean(black_box(plain)));
    });
    criterion.bench_function("clean a hostile line", |b| {
        b.iter(|| Text::clean(black_box(&hostile)));
    });
}

fn joining(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("large");
    group.sample_size(10);
    for size in [10_000, 100_000] {
        group.bench_function(format!("join {size} guests"), |b| {
            b.iter_batched(
                || screens::keeper(size),
                |mut keeper| keeper.publish().guests.len(),
                BatchSize::LargeInput,
            );
        });
    }
    // What has to be ready before anything is shown: 250 ms at most.
    group.bench_function("join and fold 10,000 guests and 100,000 services", |b| {
        b.iter_batched(
            || folding::keeper(10_000, 100_000),
            |mut keeper| keeper.publish().incidents.len(),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("join and fold them again", |b| {
        let mut keeper = folding::keeper(10_000, 100_000);
        keeper.publish();
        b.iter(|| keeper.publish().incidents.len());
    });
    group.finish();
}

fn keys(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("large");
    group.sample_size(20);
    let mut app = screens::app(100_000);
    let press = |app: &mut App, key: &str| {
        if let Ok(key) = key.parse::<KeyPress>() {
            update(app, Message::Key(key));
        }
    };
    group.bench_function("filter 100,000 guests by a word", |b| {
        b.iter(|| {
            press(&mut app, "/");
            press(&mut app, "7");
            press(&mut app, "esc");
        });
    });
    group.bench_function("sort 100,000 guests by a column", |b| {
        b.iter(|| press(&mut app, ">"));
    });
    group.finish();
}

fn drawing(criterion: &mut Criterion) {
    for size in [200, 100_000] {
        let mut app = screens::app(size);
        let mut painter = screens::Painter::new();
        criterion.bench_function(
            &format!("cursor step and frame, {size} guests, 200x50"),
            |b| {
                b.iter(|| {
                    if let Ok(key) = "down".parse::<KeyPress>() {
                        update(&mut app, Message::Key(key));
                    }
                    painter.paint(&mut app)
                });
            },
        );
    }
}

criterion_group!(benches, parsing, cleaning, joining, keys, drawing);
criterion_main!(benches);
