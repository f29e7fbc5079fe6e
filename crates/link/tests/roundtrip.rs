//! What goes into a link comes out of it.

use gopeer_link::{
    Filter, Focus, LinkError, MAX_ITEMS, Mark, Note, Part, Remark, Shared, SharedFile, View, decode, encode, is_link,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Text as people paste it: Go-like tokens, or anything at all.
fn text() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        Just("if err != nil {\n\t\treturn err\n\t}\n".to_owned()),
        Just("package main\r\n".to_owned()),
        Just("\u{feff}".to_owned()),
        "func [a-z]{1,8}\\(\\) \\{\n",
        "[ -~\t\n]{0,12}",
        any::<String>(),
    ];
    vec(token, 0..30).prop_map(|tokens| tokens.concat())
}

fn short() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z-]{0,12}(/[a-z-]{1,12})?(\\.go)?", any::<String>()]
}

fn shared() -> impl Strategy<Value = Shared> {
    let file = (short(), text()).prop_map(|(name, text)| SharedFile { name, text });
    let filter =
        (vec(short(), 0..4), vec(short(), 0..4)).prop_map(|(severities, categories)| Filter { severities, categories });
    let focus = (short(), short(), any::<u32>(), any::<u32>()).prop_map(|(rule, file, line, snippet)| Focus {
        rule,
        file,
        line,
        snippet,
    });
    let note = (short(), any::<u32>(), text(), any::<u32>()).prop_map(|(file, line, text, snippet)| Note {
        file,
        line,
        text,
        snippet,
    });
    let mark =
        (short(), any::<bool>(), short()).prop_map(|(finding, accepted, reason)| Mark { finding, accepted, reason });
    let head = (vec(file, 0..4), any::<u32>(), short(), filter, prop::option::of(focus));
    let tail = (short(), any::<u32>(), vec(note, 0..4), vec(mark, 0..4));
    let view = (vec(short(), 0..3), vec(short(), 0..3), text(), short())
        .prop_map(|(confidences, rules, text, group)| View { confidences, rules, text, group });
    let remark = (short(), any::<u32>(), any::<u8>(), text()).prop_map(|(finding, key, decision, text)| Remark {
        finding,
        key,
        decision,
        text,
    });
    let part = (any::<u32>(), vec(any::<u8>(), 0..40)).prop_map(|(kind, bytes)| Part { kind, bytes });
    let added = (view, vec(remark, 0..4), vec(any::<u8>(), 0..200), vec(any::<u16>(), 0..9), vec(part, 0..3));
    (head, tail, added).prop_map(|(head, tail, (view, remarks, before, found, more))| {
        let ((files, active, persona, filter, focus), (engine, digest, notes, verdicts)) = (head, tail);
        Shared {
            files,
            active,
            persona,
            filter,
            focus,
            engine,
            digest,
            notes,
            verdicts,
            view,
            remarks,
            before,
            found,
            more,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_state_comes_back_however_the_link_is_given(shared in shared()) {
        let fragment = encode(&shared).unwrap();
        prop_assert!(fragment.starts_with("v2."));
        prop_assert!(fragment.ends_with(|last: char| last.is_ascii_alphanumeric()));
        prop_assert!(fragment[3..].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        for link in [
            fragment.clone(),
            format!("#{fragment}"),
            format!("https://example.org/x/?embed=1#{fragment}\n"),
            format!("https://example.org/%23{fragment}"),
        ] {
            prop_assert!(is_link(&link));
            let opened = decode(&link);
            prop_assert_eq!(opened.as_ref(), Ok(&shared));
        }
    }
}

#[test]
fn a_link_opens_from_within_a_sentence_or_markup() {
    let shared = Shared { persona: "data".into(), ..Shared::default() };
    let fragment = encode(&shared).unwrap();
    for message in [
        format!("See https://example.org/#{fragment}."),
        format!("[review](https://example.org/#{fragment}) of #vendor"),
        format!("#vacation: <https://example.org/#{fragment}>, please"),
        format!("__https://example.org/#{fragment}__"),
    ] {
        assert_eq!(decode(&message).as_ref(), Ok(&shared), "{message}");
    }
}

#[test]
fn code_and_versions_are_not_links() {
    for text in
        ["", "#", "v", "v1", "v1.2.3", "#main", "package main\n", "// see #v1.abc\nfunc f() {}\n", "#v12345.abc"]
    {
        assert!(!is_link(text), "{text:?}");
    }
    for text in ["", "#", "package main\n", "#main", "#v.abc", "#v1", "https://example.org/#/v1.abc"] {
        assert_eq!(decode(text), Err(LinkError::NotALink), "{text:?}");
    }
    assert!(is_link("#v1.stump"));
}

#[test]
fn a_later_version_is_named_as_such() {
    assert_eq!(decode("https://example.org/#v3.AbCdEfGhIjKl"), Err(LinkError::Newer));
    assert!(is_link("https://example.org/#v3.AbCdEfGhIjKl"));
}

#[test]
fn too_many_items_are_refused() {
    let files = |count| Shared { files: vec![SharedFile::default(); count], ..Shared::default() };
    let most = files(MAX_ITEMS);
    assert_eq!(decode(&encode(&most).unwrap()), Ok(most));
    assert_eq!(encode(&files(MAX_ITEMS + 1)), Err(LinkError::TooLarge));
}

#[test]
fn the_largest_state_opens_even_when_nothing_compresses() {
    let mut seed = 1_u32;
    let noise = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_u32(0x80 + (seed >> 8) % 0x700).expect("two-byte characters")
    });
    let text: String = noise.take(gopeer_link::MAX_STATE / 2 - 50).collect();
    let shared = Shared { files: vec![SharedFile { name: "noise".into(), text }], ..Shared::default() };
    let fragment = encode(&shared).unwrap();
    assert_eq!(decode(&fragment).as_ref(), Ok(&shared));
    let double = Shared { files: [&shared.files[..], &shared.files[..]].concat(), ..shared };
    assert_eq!(encode(&double), Err(LinkError::TooLarge));
}
