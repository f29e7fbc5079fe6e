//! Tests with links that were cut, changed or crafted.

use crate::*;

/// SplitMix64: the same mutations in every run.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn range(&mut self, len: usize) -> std::ops::Range<usize> {
        let (a, b) = (self.below(len + 1), self.below(len + 1));
        a.min(b)..a.max(b)
    }
}

fn states() -> Vec<Shared> {
    let go = "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tif err := run(); err != nil {\n\t\tfmt.Println(err)\n\t}\n}\n";
    let file = |name: &str, text: String| SharedFile { name: name.into(), text };
    let note = Note { file: "main.go".into(), line: 6, text: "Why print? – ü 🙂".into(), snippet: 77 };
    vec![
        Shared::default(),
        Shared { files: vec![file("main.go", go.into())], persona: "senior".into(), ..Shared::default() },
        Shared {
            files: vec![file("a.go", go.repeat(20)), file("b.go", (0..900).map(|i| format!("{i} ")).collect())],
            active: 1,
            focus: Some(Focus { rule: "errors/lost".into(), file: "a.go".into(), line: 6, snippet: 1 << 31 }),
            filter: Filter { severities: vec!["high".into()], categories: vec![] },
            notes: vec![note; 3],
            verdicts: vec![Mark { finding: "f1".into(), accepted: true, reason: "yes".into() }],
            view: View {
                confidences: vec!["low".into()],
                rules: vec!["a/b".into()],
                text: "ü 🙂".into(),
                group: "file".into(),
            },
            remarks: vec![Remark { finding: "a/b:0:1".into(), key: u32::MAX, decision: 2, text: "no".into() }; 3],
            before: vec![7; 300],
            found: vec![9, u16::MAX],
            more: vec![Part { kind: 900, bytes: vec![1, 2] }],
            ..Shared::default()
        },
    ]
}

/// A link as something between sender and reader might leave it.
fn mutate_text(rng: &mut Rng, links: &[String], link: &str) -> String {
    const ANY: &[u8] = b"ABCxyz019-_.#%v=&/ \n";
    let mut bytes = link.as_bytes().to_vec();
    match rng.below(7) {
        0 => bytes.truncate(rng.below(bytes.len())),
        1 => drop(bytes.drain(rng.range(link.len()))),
        2 => bytes[rng.below(link.len())] = ANY[rng.below(ANY.len())],
        3 => {
            let copy = bytes[rng.range(link.len())].to_vec();
            let at = rng.below(link.len());
            bytes.splice(at..at, copy);
        }
        4 => {
            let other = links[rng.below(links.len())].as_bytes();
            bytes.truncate(rng.below(link.len()));
            bytes.extend(&other[rng.below(other.len())..]);
        }
        5 => bytes[rng.range(link.len())].make_ascii_lowercase(),
        _ => bytes[rng.range(link.len())].reverse(),
    }
    String::from_utf8(bytes).expect("links are ASCII")
}

/// Bytes below the check character changed, and a fitting check character written: reaches the decompressor.
fn mutate_packed(rng: &mut Rng, link: &str) -> String {
    let mut packed = fragment::read(link).expect("link is whole").0;
    for _ in 0..=rng.below(4) {
        let at = rng.below(packed.len());
        packed[at] ^= 1 << rng.below(8);
    }
    if rng.below(4) == 0 {
        packed.truncate(rng.below(packed.len()));
    }
    fragment::write(&packed)
}

#[test]
fn ten_thousand_mutations_give_an_error_or_a_state_that_was_shared() {
    let states = states();
    let links: Vec<_> = states.iter().map(|state| encode(state).unwrap()).collect();
    let mut rng = Rng(20_261_121);
    let mut kinds = std::collections::BTreeMap::<_, u32>::new();
    for round in 0..10_000 {
        let link = &links[round % links.len()];
        let mutant =
            if rng.below(3) == 0 { mutate_packed(&mut rng, link) } else { mutate_text(&mut rng, &links, link) };
        let outcome = decode(&mutant);
        if let Ok(state) = &outcome {
            assert!(states.contains(state), "round {round}: a wrong state from {mutant}");
        }
        *kinds.entry(format!("{:?}", outcome.map(|_| "unchanged"))).or_default() += 1;
    }
    println!("{kinds:?}");
    assert!(kinds.len() >= 4, "the mutations reach too few outcomes: {kinds:?}");
}

#[test]
fn crafted_states_with_a_right_checksum_stay_within_the_limits() {
    let mut rng = Rng(7);
    let plain: Vec<_> = states().iter().map(|state| postcard::to_allocvec(state).unwrap()).collect();
    for round in 0..10_000 {
        let mut state = plain[round % plain.len()].clone();
        for _ in 0..=rng.below(6) {
            let at = rng.below(state.len());
            state[at] = [0, 1, 0x7f, 0x80, 0xff, rng.next() as u8][rng.below(6)];
        }
        if let Ok(shared) = decode(&fragment::write(&pack::pack(&state).unwrap())) {
            assert!(shared.items() <= MAX_ITEMS);
            assert!(postcard::to_allocvec(&shared).unwrap().len() <= MAX_STATE);
        }
    }
}

#[test]
fn bombs_are_refused() {
    let crafted = |state: &[u8]| decode(&fragment::write(&pack::pack(state).unwrap()));
    let two_million_items =
        [0x80, 0x89, 0x7a].into_iter().chain(std::iter::repeat_n(0, 1_000_000)).collect::<Vec<u8>>();
    assert_eq!(crafted(&two_million_items), Err(LinkError::Damaged));
    let half_a_million_files = Shared { files: vec![SharedFile::default(); 500_000], ..Shared::default() };
    assert_eq!(crafted(&postcard::to_allocvec(&half_a_million_files).unwrap()), Err(LinkError::TooLarge));
    let endless_lengths = [0xff; 4_096];
    assert_eq!(crafted(&endless_lengths), Err(LinkError::Damaged));

    let endless_payload = format!("#v1.{}", "A".repeat(4 << 20));
    assert_eq!(decode(&endless_payload), Err(LinkError::TooLarge));
    let marks_without_end = "#v".repeat(1 << 20);
    assert_eq!(decode(&marks_without_end), Err(LinkError::NotALink));
}

#[test]
fn a_cut_link_is_called_truncated_wherever_it_was_cut() {
    for state in states() {
        let link = encode(&state).unwrap();
        for end in "v2.".len()..link.len() {
            let cut = decode(&link[..end]);
            assert_eq!(cut, Err(LinkError::Truncated), "first {end} characters of {link}");
        }
    }
}

#[test]
fn a_changed_character_is_never_accepted() {
    let link = encode(&states()[1]).unwrap();
    for at in "v2.".len()..link.len() {
        let other = if &link[at..=at] == "x" { "y" } else { "x" };
        let changed = format!("{}{other}{}", &link[..at], &link[at + 1..]);
        assert!(matches!(decode(&changed), Err(LinkError::Damaged | LinkError::Truncated)), "{changed}");
    }
}

#[test]
fn each_error_says_what_to_do() {
    use LinkError::*;
    let sentences = [NotALink, Truncated, Damaged, TooLarge, Newer].map(|error| error.to_string());
    for sentence in &sentences {
        assert!(["opy ", "Share ", "Reload "].iter().any(|advice| sentence.contains(advice)), "{sentence}");
        assert!(sentence.ends_with('.'), "{sentence}");
    }
}
