//! What is found where the history file should be, and a disk that is full.

use sqlx::{ConnectOptions as _, Connection as _};

use super::*;

/// What a book says of a file that is no history of ours.
async fn refusal(directory: &Path) -> String {
    match Book::open(directory).await {
        Ok(_) => "opened".to_owned(),
        Err(failure) => match failure.kind {
            FailureKind::File { detail, .. } => detail.as_str().to_owned(),
            other => format!("{other:?}"),
        },
    }
}

#[tokio::test]
async fn a_foreign_file_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.sqlite");
    let foreign = "it is no history of vigie, so it is left alone";

    fs::write(&path, "my history homework").unwrap();
    assert_eq!(refusal(home.path()).await, foreign);
    fs::write(&path, "x".repeat(50_000)).unwrap();
    assert_eq!(refusal(home.path()).await, foreign);
    assert!(fs::read(&path).unwrap() == "x".repeat(50_000).into_bytes());

    // Another program's data base.
    fs::remove_file(&path).unwrap();
    let mut other = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql("CREATE TABLE essays (words TEXT)")
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    let before = fs::read(&path).unwrap();
    assert_eq!(refusal(home.path()).await, foreign);
    assert!(fs::read(&path).unwrap() == before, "changed");

    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/full", &path).unwrap();
    let no_file = "it is no regular file, so it is left alone";
    assert_eq!(refusal(home.path()).await, no_file);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(refusal(home.path()).await, no_file);
}

#[tokio::test]
async fn a_newer_version_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    Book::open(home.path()).await.unwrap().close().await;
    let path = home.path().join("history.sqlite");
    let mut bytes = fs::read(&path).unwrap();
    bytes[60..64].copy_from_slice(&2_u32.to_be_bytes());
    fs::write(&path, &bytes).unwrap();
    assert_eq!(
        refusal(home.path()).await,
        "it was written by a newer vigie, so it is left alone"
    );
    assert!(fs::read(&path).unwrap() == bytes, "changed");
}

#[tokio::test]
async fn a_torn_file_is_moved_aside_and_never_deleted() {
    let whole = tempfile::tempdir().unwrap();
    let (list, start) = (depth("/list"), hour());
    let mut book = Book::open(whole.path()).await.unwrap();
    let many: Vec<Sample> = (0..3000)
        .map(|n| sample(&list, start.plus(seconds(n)), 1.0))
        .collect();
    book.record(&many, start.plus(MINUTE)).await.unwrap();
    book.close().await;
    let bytes = fs::read(whole.path().join("history.sqlite")).unwrap();
    assert!(bytes.len() > 20 * 4096, "{}", bytes.len());

    for length in [
        1,
        99,
        100,
        4095,
        4096,
        4097,
        20_000,
        bytes.len() - 4096,
        bytes.len() - 4097,
    ] {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("history.sqlite");
        fs::write(&path, &bytes[..length]).unwrap();
        if length < 100 {
            // Too short to be known as ours.
            assert!(
                refusal(home.path()).await.contains("left alone"),
                "{length}"
            );
            assert!(fs::read(&path).unwrap() == bytes[..length]);
            continue;
        }
        let mut book = Book::open(home.path()).await.unwrap();
        assert!(book.moved().is_some(), "{length}");
        book.record(&[sample(&list, start, 2.0)], start)
            .await
            .unwrap();
        book.close().await;
        let is_aside = |name: &str| {
            let rest = name.strip_prefix("history.sqlite.damaged-");
            rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
        };
        let aside: Vec<_> = fs::read_dir(home.path())
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| is_aside(&entry.file_name().to_string_lossy()))
            .collect();
        assert_eq!(aside.len(), 1, "{length}");
        let kept = fs::read(aside[0].path()).unwrap();
        assert!(kept == bytes[..length], "changed: {length}");
    }

    // Empty holds nothing that could be lost.
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("history.sqlite"), "").unwrap();
    let book = Book::open(home.path()).await.unwrap();
    assert_eq!(book.moved(), None);
}

#[tokio::test]
async fn a_full_disk_costs_the_new_samples_only() {
    let home = tempfile::tempdir().unwrap();
    let (list, start) = (depth("/list"), hour());
    let mut book = Book::open_within(home.path(), 16).await.unwrap();
    book.record(&[sample(&list, start, 1.0)], start)
        .await
        .unwrap();
    let many: Vec<Sample> = (1..7000)
        .map(|n| sample(&list, start.plus(seconds(n)), 1.0))
        .collect();
    let error = book.record(&many, start.plus(MINUTE)).await.unwrap_err();
    assert_eq!(file::code(&error), Some(13), "{error}");
    assert!(!file::is_busy(&error) && !file::is_damage(&error));
    let left = book.series(&list, Range::Hour, start.plus(MINUTE)).await;
    assert_eq!(left.unwrap().len(), 1, "all of a batch or nothing");
    book.close().await;
    // Room again: it goes on.
    let mut book = Book::open(home.path()).await.unwrap();
    book.record(&[sample(&list, start.plus(MINUTE), 1.0)], start)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_file_that_somebody_deleted_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    let book = Book::open(home.path()).await.unwrap();
    assert!(book.is_in_place());
    fs::remove_file(home.path().join("history.sqlite")).unwrap();
    assert!(!book.is_in_place());
    book.close().await;
}
