//! State bytes to packed bytes and back: dictionary id, raw deflate with the preset dictionary, CRC-32.

use crc::{CRC_32_ISO_HDLC, Crc};
use miniz_oxide::deflate::core::{
    CompressionStrategy, CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output,
    create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use crate::{LinkError, MAX_STATE, dictionary};

/// The checksum of links.
pub(crate) const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

const CRC_BYTES: usize = 4;
const BEST_LEVEL: i32 = 10;
const RAW_DEFLATE: i32 = -15;

/// Packs state bytes.
pub(crate) fn pack(state: &[u8]) -> Result<Vec<u8>, LinkError> {
    if state.len() > MAX_STATE {
        return Err(LinkError::TooLarge);
    }
    let mut packed = vec![dictionary::ID];
    packed.append(&mut smallest_deflate(state)?);
    packed.extend(checksum(dictionary::ID, state).to_le_bytes());
    Ok(packed)
}

/// Unpacks what [`pack`] made, and nothing else.
pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<u8>, LinkError> {
    let (&id, rest) = packed.split_first().ok_or(LinkError::Truncated)?;
    if id != dictionary::ID {
        return Err(LinkError::Newer);
    }
    let (deflated, sum) = rest.split_last_chunk::<CRC_BYTES>().ok_or(LinkError::Truncated)?;
    let state = inflate(deflated)?;
    if checksum(id, &state) != u32::from_le_bytes(*sum) {
        return Err(LinkError::Damaged);
    }
    Ok(state)
}

/// Covers the dictionary's id too: the wrong dictionary inflates to wrong text without complaint.
fn checksum(id: u8, state: &[u8]) -> u32 {
    let mut digest = CRC.digest();
    digest.update(&[id]);
    digest.update(state);
    digest.finalize()
}

/// Short states come out smaller with deflate's built-in code, long ones with a code of their own; the compressor does
/// not compare, so both are tried.
fn smallest_deflate(state: &[u8]) -> Result<Vec<u8>, LinkError> {
    let own = deflate(state, CompressionStrategy::Default)?;
    let fixed = deflate(state, CompressionStrategy::Fixed)?;
    Ok(if fixed.len() < own.len() { fixed } else { own })
}

/// miniz_oxide has no call for preset dictionaries. So the dictionary is compressed first, up to a byte boundary, and
/// that output dropped: what follows refers back into text that [`inflate`] puts in front of its output.
fn deflate(state: &[u8], strategy: CompressionStrategy) -> Result<Vec<u8>, LinkError> {
    let flags = create_comp_flags_from_zip_params(BEST_LEVEL, RAW_DEFLATE, strategy as i32);
    let mut compressor = CompressorOxide::new(flags);
    compress_to_output(&mut compressor, dictionary::TEXT, TDEFLFlush::Sync, |_| true);
    let mut deflated = Vec::new();
    let (status, _) = compress_to_output(&mut compressor, state, TDEFLFlush::Finish, |chunk| {
        deflated.extend_from_slice(chunk);
        true
    });
    // With a sink that takes everything the compressor always finishes; the check keeps a bug there out of links.
    if status == TDEFLStatus::Done { Ok(deflated) } else { Err(LinkError::TooLarge) }
}

fn inflate(deflated: &[u8]) -> Result<Vec<u8>, LinkError> {
    let limit = dictionary::TEXT.len() + MAX_STATE;
    let mut out = dictionary::TEXT.to_vec();
    let mut end = out.len();
    let mut read = 0;
    let mut decompressor = Box::<DecompressorOxide>::default();
    loop {
        // One byte over the limit, so that a state of exactly the limit still ends as done.
        let room = end.saturating_mul(2).min(limit + 1);
        out.resize(room, 0);
        let input = deflated.get(read..).unwrap_or_default();
        let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, taken, written) = decompress(&mut decompressor, input, &mut out, end, flags);
        read += taken;
        end += written;
        match status {
            TINFLStatus::Done if read < deflated.len() => return Err(LinkError::Damaged),
            TINFLStatus::Done if end > limit => return Err(LinkError::TooLarge),
            TINFLStatus::Done => break,
            TINFLStatus::HasMoreOutput if end > limit => return Err(LinkError::TooLarge),
            TINFLStatus::HasMoreOutput => {}
            TINFLStatus::FailedCannotMakeProgress => return Err(LinkError::Truncated),
            _ => return Err(LinkError::Damaged),
        }
    }
    out.truncate(end);
    Ok(out.split_off(dictionary::TEXT.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_exactly_the_limit_packs_and_one_byte_more_does_not() {
        let state = vec![b'x'; MAX_STATE + 1];
        let packed = pack(&state[1..]).unwrap();
        assert_eq!(unpack(&packed).as_deref(), Ok(&state[1..]));
        assert_eq!(pack(&state), Err(LinkError::TooLarge));
    }

    #[test]
    fn the_dictionary_is_used_from_both_ends() {
        let text = dictionary::TEXT;
        for part in [&text[..200], &text[text.len() - 200..]] {
            assert!(pack(part).unwrap().len() < 20);
        }
    }

    #[test]
    fn short_and_long_states_both_get_the_smaller_code() {
        let short = &dictionary::TEXT[..100];
        let fixed = deflate(short, CompressionStrategy::Fixed).unwrap();
        assert_eq!(smallest_deflate(short).unwrap(), fixed);
        let long: Vec<u8> =
            (0..9_000_u32).map(|i| b"abcdefgh"[(i.wrapping_mul(2_654_435_761) >> 29) as usize]).collect();
        let own = deflate(&long, CompressionStrategy::Default).unwrap();
        assert!(own.len() < deflate(&long, CompressionStrategy::Fixed).unwrap().len());
        assert_eq!(smallest_deflate(&long).unwrap(), own);
    }

    #[test]
    fn every_prefix_is_reported_as_truncated() {
        let packed = pack(b"package main\n\nfunc main() { println(42, \"hello\") }\n").unwrap();
        for end in 0..packed.len() {
            assert_eq!(unpack(&packed[..end]), Err(LinkError::Truncated), "first {end} bytes");
        }
    }

    #[test]
    fn another_dictionary_id_is_from_a_newer_version() {
        let mut packed = pack(b"package main\n").unwrap();
        packed[0] = dictionary::ID + 1;
        assert_eq!(unpack(&packed), Err(LinkError::Newer));
    }

    #[test]
    fn bytes_after_the_end_are_damage() {
        let mut packed = pack(b"package main\n").unwrap();
        packed.extend([0; 4]);
        assert_eq!(unpack(&packed), Err(LinkError::Damaged));
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut packed = vec![dictionary::ID];
        packed.append(&mut deflate(&vec![0; 50 << 20], CompressionStrategy::Default).unwrap());
        packed.extend([0; CRC_BYTES]);
        assert!(packed.len() < 64 << 10);
        assert_eq!(unpack(&packed), Err(LinkError::TooLarge));
    }
}
