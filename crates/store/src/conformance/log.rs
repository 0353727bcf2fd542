//! The change log: a chain that is read in pages and filtered.

use rolewright_model::Timestamp;
use rolewright_model::change::{About, Kind, Topic};
use serde_json::{Value, json};

use super::{Shared, T0, TENANT, add, commit, make, with_tenant, write};
use crate::log::{START, canonical, hash};
use crate::{Error, LogFilter, Result};

/// Each entry follows the one before it, and anyone can recompute the hashes from the texts.
pub async fn the_log_is_a_chain_and_verifies(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    for id in ["a", "b", "c"] {
        make(&store, vec![add(id)]).await?;
    }
    let mut previous = START.to_owned();
    for (revision, sealed) in (1..).zip(store.log(TENANT, None, 10).await?) {
        assert_eq!(sealed.entry.at.revision, revision);
        assert_eq!(sealed.previous, previous);
        assert_eq!(sealed.hash, hash(&previous, &sealed.text));
        let text: Value = serde_json::from_str(&sealed.text).unwrap_or_default();
        assert_eq!(text.get("tenant"), Some(&json!(TENANT)));
        // What an entry does not say leaves its text, and so its hash, as it was before entries could say it.
        assert_eq!((text.get("kept"), text.get("undoes")), (None, None));
        assert_eq!(canonical(&text), sealed.text);
        previous = sealed.hash;
    }
    let verified = store.verify_log(TENANT, T0).await?;
    assert_eq!((verified.entries, &verified.head.log_hash), (3, &previous));
    assert_eq!(verified.head, store.head(TENANT).await?);
    Ok(())
}

/// A filter takes the entries that are all of what it says, newest first, and pages leave nothing out.
pub async fn the_log_is_filtered_newest_first(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    for (time, actor, id) in [(10, "user:ana", "a"), (20, "user:bob", "b"), (30, "user:ana", "c")] {
        let mut commit = commit(&store.head(TENANT).await?, vec![add(id)]);
        (commit.entry.time, commit.entry.actor) = (Timestamp(time), actor.to_owned());
        (commit.entry.reason, commit.entry.request) = (Some(format!("For {id}")), format!("req-{time}"));
        commit.entry.undoes = if id == "c" { vec![1, 2] } else { Vec::new() };
        store.commit(TENANT, commit).await?;
    }
    let action = store.log(TENANT, None, 1).await?.remove(0).entry.action;
    let some = |text: &str| Some(text.to_owned());
    let kind = add("a").kind;
    let other = Kind::ALL.into_iter().find(|other| *other != kind).map(Topic::Documents);
    let none = LogFilter::default();
    for (filter, expected) in [
        (none.clone(), vec![3, 2, 1]),
        (LogFilter { actor: some("user:ana"), ..none.clone() }, vec![3, 1]),
        (LogFilter { actor: some("user:an"), ..none.clone() }, vec![]),
        (LogFilter { action: Some(action), ..none.clone() }, vec![3, 2, 1]),
        (LogFilter { action: some("nothing"), ..none.clone() }, vec![]),
        (LogFilter { kind: Some(Topic::Documents(kind)), ..none.clone() }, vec![3, 2, 1]),
        (LogFilter { kind: other, ..none.clone() }, vec![]),
        (LogFilter { id: some("b"), ..none.clone() }, vec![2]),
        (LogFilter { about: some("b"), ..none.clone() }, vec![2]),
        (LogFilter { kind: other, id: some("b"), ..none.clone() }, vec![]),
        (LogFilter { from: Some(Timestamp(20)), ..none.clone() }, vec![3, 2]),
        (LogFilter { until: Some(Timestamp(20)), ..none.clone() }, vec![1]),
        (LogFilter { search: some("fOr B"), ..none.clone() }, vec![2]),
        (LogFilter { search: some("req-30"), ..none.clone() }, vec![3]),
        (LogFilter { search: some("req-30"), until: Some(Timestamp(30)), ..none.clone() }, vec![]),
        (LogFilter { search: some("for nobody"), ..none.clone() }, vec![]),
        (LogFilter { undoes: Some(2), ..none.clone() }, vec![3]),
        (LogFilter { undoes: Some(3), ..none.clone() }, vec![]),
        (LogFilter { actor: some("user:ana"), until: Some(Timestamp(30)), ..none.clone() }, vec![1]),
    ] {
        let found = store.log_where(TENANT, &filter, None, 9).await?;
        let found: Vec<u64> = found.iter().map(|sealed| sealed.entry.at.revision).collect();
        assert_eq!(found, expected, "{filter:?}");
        let all = store.log(TENANT, None, 9).await?;
        let taken = all.iter().rev().filter(|sealed| filter.takes(&sealed.entry));
        assert_eq!(taken.map(|sealed| sealed.entry.at.revision).collect::<Vec<_>>(), expected, "{filter:?}");
    }
    let page = store.log_where(TENANT, &none, Some(3), 1).await?;
    assert_eq!(page.iter().map(|sealed| sealed.entry.at.revision).collect::<Vec<_>>(), [2]);
    assert_eq!(page, store.log(TENANT, Some(1), 1).await?);
    let unknown = store.log_where("nobody", &none, None, 1).await;
    assert!(matches!(unknown, Err(Error::UnknownTenant(_))), "{unknown:?}");
    Ok(())
}

/// An entry is about whom and what the links name that it writes: the role of an assignment as well as who has it, the package that
/// somebody is put on, a role that a package carries or there is an entitlement to; and not about what a document names as before.
pub async fn an_entry_is_about_what_its_links_name(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let given = json!({ "principal": { "user": "ana" }, "role": "clerk" });
    let member = json!({ "group": "sales", "member": { "group": "eu" } });
    let on =
        |package: &str, name: &str| Some(json!({ "first_name": name, "package": { "package": package } }));
    let plan = |roles: &[&str]| {
        Some(json!({ "roles": roles.iter().map(|role| json!({ "role": role })).collect::<Vec<_>>() }))
    };
    let entitled = |on: bool| Some(json!({ "entitlements": { "clerk": on } }));
    let named = |name: &str| Some(json!({ "name": name, "entitlements": { "clerk": true } }));
    for changed in [
        write(Kind::Assignment, "a", None, Some(given.clone())),
        write(Kind::Assignment, "a", Some(given), None),
        write(Kind::Membership, "m", None, Some(member)),
        write(Kind::User, "bo", None, on("pro", "Bo")),
        write(Kind::User, "bo", on("pro", "Bo"), on("pro", "Bob")),
        write(Kind::User, "bo", on("pro", "Bob"), on("basic", "Bob")),
        write(Kind::Package, "pro", None, plan(&["clerk"])),
        write(Kind::Package, "pro", plan(&["clerk"]), plan(&["clerk", "author"])),
        write(Kind::Package, "pro", plan(&["clerk", "author"]), plan(&["author"])),
        write(Kind::Settings, "s", None, entitled(false)),
        write(Kind::Settings, "s", entitled(false), entitled(true)),
        write(Kind::Settings, "s", entitled(true), named("Shop")),
    ] {
        make(&store, vec![changed]).await?;
    }
    for (about, expected) in [
        ("clerk", vec![11, 10, 9, 7, 2, 1]),
        ("author", vec![8]),
        ("ana", vec![2, 1]),
        ("eu", vec![3]),
        ("sales", vec![3]),
        ("pro", vec![9, 8, 7, 6, 4]),
        ("basic", vec![6]),
        ("bo", vec![6, 5, 4]),
        ("nothing", vec![]),
    ] {
        let filter = LogFilter { about: Some(about.to_owned()), ..LogFilter::default() };
        let found = store.log_where(TENANT, &filter, None, 20).await?;
        let found: Vec<u64> = found.iter().map(|sealed| sealed.entry.at.revision).collect();
        assert_eq!(found, expected, "{about}");
        let all = store.log(TENANT, None, 20).await?;
        let taken = all.iter().rev().filter(|sealed| filter.takes(&sealed.entry));
        assert_eq!(taken.map(|sealed| sealed.entry.at.revision).collect::<Vec<_>>(), expected, "{about}");
    }
    Ok(())
}

/// An entry that writes no document moves the head, keeps the chain, leaves every document as it is, and is found by what
/// it is about, as those are that write.
pub async fn an_entry_without_documents_is_found_by_what_it_is_about(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let user = |id: &str| write(Kind::User, id, None, Some(json!({ "id": id })));
    make(&store, vec![user("ana"), user("edge")]).await?;
    let documents = store.contents(TENANT).await?.documents;
    let acts = [About::User("ana".to_owned()), About::Key("edge".to_owned()), About::User("bob".to_owned())];
    for about in acts {
        let mut commit = commit(&store.head(TENANT).await?, vec![]);
        commit.entry.about = Some(about.clone());
        let head = store.commit(TENANT, commit).await?;
        let last = store.log(TENANT, Some(head.at.revision.saturating_sub(1)), 1).await?.remove(0);
        assert_eq!(last.entry.about, Some(about));
    }
    assert_eq!(store.contents(TENANT).await?.documents, documents);
    assert_eq!(store.verify_log(TENANT, T0).await?.entries, 4);
    let of = |kind: Option<Topic>, id: Option<&str>| LogFilter {
        kind,
        id: id.map(ToOwned::to_owned),
        ..LogFilter::default()
    };
    let (users, keys) = (Some(Topic::Documents(Kind::User)), Some(Topic::Keys));
    for (filter, expected) in [
        (of(users, Some("ana")), vec![2, 1]),
        (of(users, Some("bob")), vec![4]),
        (of(users, Some("edge")), vec![1]),
        (of(keys, Some("edge")), vec![3]),
        (of(keys, Some("ana")), vec![]),
        (of(None, Some("edge")), vec![3, 1]),
        (of(users, None), vec![4, 2, 1]),
        (of(keys, None), vec![3]),
        (of(Some(Topic::Documents(Kind::Role)), None), vec![]),
        (of(None, None), vec![4, 3, 2, 1]),
    ] {
        let found = store.log_where(TENANT, &filter, None, 9).await?;
        let found: Vec<u64> = found.iter().map(|sealed| sealed.entry.at.revision).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    Ok(())
}

/// An entry is about what it says that stays, and about whom that links, as about what it writes; and what is kept is not written.
pub async fn an_entry_is_about_what_it_kept(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let given =
        |id: &str, principal: Value, role: &str| json!({ "id": id, "principal": principal, "role": role });
    let of_ana = given("a", json!({ "user": "ana" }), "clerk");
    let of_sales = given("b", json!({ "group": "sales" }), "clerk");
    let of_all = given("c", json!("everyone"), "author");
    make(&store, vec![write(Kind::Assignment, "a", None, Some(of_ana.clone()))]).await?;
    let documents = store.contents(TENANT).await?.documents;
    for kept in [vec![of_ana, of_sales.clone()], vec![of_sales, of_all]] {
        let mut commit = commit(&store.head(TENANT).await?, vec![]);
        commit.entry.kept.clone_from(&kept);
        let head = store.commit(TENANT, commit).await?;
        let last = store.log(TENANT, Some(head.at.revision.saturating_sub(1)), 1).await?.remove(0);
        assert_eq!(last.entry.kept, kept);
    }
    make(&store, vec![add("kept")]).await?;
    let now = store.contents(TENANT).await?.documents;
    assert_eq!(
        now.iter().filter(|document| document.kind == Kind::Assignment).collect::<Vec<_>>(),
        documents.iter().collect::<Vec<_>>()
    );
    assert_eq!(store.verify_log(TENANT, T0).await?.entries, 4);
    let about = |id: &str| LogFilter { about: Some(id.to_owned()), ..LogFilter::default() };
    let of = |kind: Option<Kind>, id: Option<&str>| LogFilter {
        kind: kind.map(Topic::Documents),
        id: id.map(ToOwned::to_owned),
        ..LogFilter::default()
    };
    let assignments = Some(Kind::Assignment);
    for (filter, expected) in [
        (about("ana"), vec![2, 1]),
        (about("clerk"), vec![3, 2, 1]),
        (about("sales"), vec![3, 2]),
        (about("author"), vec![3]),
        (about("a"), vec![2, 1]),
        (about("c"), vec![3]),
        (about("everyone"), vec![]),
        (of(assignments, None), vec![3, 2, 1]),
        (of(assignments, Some("b")), vec![3, 2]),
        (of(None, Some("a")), vec![2, 1]),
        (of(assignments, Some("ana")), vec![]),
        (of(Some(Kind::Role), Some("a")), vec![]),
        (of(Some(Kind::Role), None), vec![4]),
    ] {
        let found = store.log_where(TENANT, &filter, None, 9).await?;
        let found: Vec<u64> = found.iter().map(|sealed| sealed.entry.at.revision).collect();
        assert_eq!(found, expected, "{filter:?}");
        let all = store.log(TENANT, None, 9).await?;
        let taken = all.iter().rev().filter(|sealed| filter.takes(&sealed.entry));
        assert_eq!(taken.map(|sealed| sealed.entry.at.revision).collect::<Vec<_>>(), expected, "{filter:?}");
    }
    Ok(())
}

/// `after` and `limit` cut the log into pages that leave nothing out.
pub async fn the_log_is_read_in_pages(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    for id in ["a", "b", "c", "d", "e"] {
        make(&store, vec![add(id)]).await?;
    }
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = store.log(TENANT, after, 2).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.entry.at.revision);
        pages.push(page.iter().map(|sealed| sealed.entry.at.revision).collect::<Vec<_>>());
    }
    assert_eq!(pages, [vec![1, 2], vec![3, 4], vec![5]]);
    assert_eq!(store.log(TENANT, None, 0).await?, vec![]);
    assert_eq!(store.log(TENANT, Some(99), 9).await?, vec![]);
    let huge = store.log(TENANT, Some(u64::MAX), 9).await;
    assert!(matches!(huge, Err(Error::TooLarge(u64::MAX))), "{huge:?}");
    Ok(())
}
