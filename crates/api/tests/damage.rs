//! A file that is not as it was written is turned down, and one whose checksum was made to fit does no harm.

use gopeer_api::{Damaged, Module, text};

/// A file of middling size with generics, constants and every kind of type.
fn file() -> Vec<u8> {
    let packed = std::fs::read("../../static/api/std.bin.gz").expect("it is committed");
    miniz_oxide::inflate::decompress_to_vec(&packed[10..packed.len() - 8]).expect("it is packed")
}

/// Numbers that are the same on every run (splitmix64).
struct Seeded(u64);

impl Seeded {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((value ^ (value >> 31)) % below as u64) as usize
    }
}

/// FNV-1a, as `src/format.rs` has it.
fn mend(bytes: &mut [u8]) {
    let sum = bytes[9..].iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    bytes[5..9].copy_from_slice(&sum.to_le_bytes());
}

#[test]
fn any_change_is_noticed() {
    let whole = file();
    assert!(Module::read(&whole).is_ok());
    let mut seeded = Seeded(1);
    for _ in 0..200 {
        let mut bytes = whole.clone();
        let at = seeded.next(bytes.len());
        bytes[at] ^= 1 + seeded.next(255) as u8;
        assert_eq!(Module::read(&bytes).err(), Some(Damaged), "byte {at}");
        let short = seeded.next(whole.len());
        assert_eq!(Module::read(&whole[..short]).err(), Some(Damaged), "{short} bytes");
    }
    assert_eq!(Module::read(b"").err(), Some(Damaged));
}

#[test]
fn damage_under_a_fitting_checksum_does_no_harm() {
    let whole = file();
    let mut seeded = Seeded(2);
    let mut read = 0;
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..=seeded.next(3) {
            let at = 9 + seeded.next(bytes.len() - 9);
            bytes[at] = [0, 1, 190, 192, 254, 255, seeded.next(256) as u8][seeded.next(7)];
        }
        if seeded.next(8) == 0 {
            let end = 9 + seeded.next(bytes.len() - 9);
            bytes.truncate(end);
        }
        mend(&mut bytes);
        let Ok(module) = Module::read(&bytes) else { continue };
        read += 1;
        let mut out = String::new();
        for package in module.packages() {
            text::package(package, &mut out);
            for object in package.objects() {
                assert_eq!(package.lookup(object.name()).map(|found| found.name()), Some(object.name()));
            }
        }
    }
    // Most single bytes are parts of names and numbers, so files that can still be read must be among these.
    assert!(read > 20, "{read}");
}

#[test]
fn hostile_counts_are_not_believed() {
    // Every stream is empty but the first, which promises four thousand million things of each kind.
    let mut body = vec![36];
    body.extend([0; 13]);
    body.extend([255, 255, 255, 255, 255, 15].repeat(6));
    let mut bytes = b"gopx\x01\0\0\0\0".to_vec();
    bytes.extend(body);
    mend(&mut bytes);
    assert_eq!(Module::read(&bytes).err(), Some(Damaged));
}
