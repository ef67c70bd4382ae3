//! Rosters as bytes: ascending numbers as gaps, compressed, and the tokens of those whom the
//! ledger has not met before.

/// Members, and 16 bytes for each newcomer in the order of the members.
///
/// # Errors
/// What the compressor said.
pub(super) fn pack(members: &[u32], newcomers: &[u128]) -> std::io::Result<Vec<u8>> {
    let mut gaps = Vec::with_capacity(members.len());
    let mut before = 0;
    for member in members {
        let mut gap = member.wrapping_sub(before);
        while gap >= 0x80 {
            gaps.push(gap.to_le_bytes()[0] | 0x80);
            gap >>= 7;
        }
        gaps.push(gap.to_le_bytes()[0]);
        before = *member;
    }
    let packed = zstd::encode_all(gaps.as_slice(), 1)?;
    let mut bulk = Vec::with_capacity(8 + packed.len() + 16 * newcomers.len());
    bulk.extend((packed.len() as u64).to_le_bytes());
    bulk.extend(packed);
    bulk.extend(newcomers.iter().flat_map(|token| token.to_le_bytes()));
    Ok(bulk)
}

/// The members and the tokens of newcomers; `None` for bytes that [`pack`] did not make.
pub(super) fn unpack(bulk: &[u8]) -> Option<(Vec<u32>, Vec<u128>)> {
    let (length, rest) = bulk.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (packed, tokens) = rest.split_at_checked(length)?;
    let gaps = zstd::decode_all(packed).ok()?;
    let mut members: Vec<u32> = Vec::with_capacity(gaps.len());
    let (mut gap, mut shift) = (0_u32, 0);
    for byte in gaps {
        gap |= u32::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte < 0x80 {
            let next = match members.last() {
                Some(last) if gap > 0 => last.checked_add(gap)?,
                Some(_) => return None,
                None => gap,
            };
            members.push(next);
            (gap, shift) = (0, 0);
        }
    }
    let (tokens, left) = tokens.as_chunks::<16>();
    let tokens = tokens.iter().map(|t| u128::from_le_bytes(*t)).collect();
    (shift == 0 && left.is_empty()).then_some((members, tokens))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rosters_come_back(
            members in prop::collection::btree_set(any::<u32>(), 0..200),
            tokens in prop::collection::vec(any::<u128>(), 0..9),
        ) {
            let members: Vec<u32> = members.into_iter().collect();
            let bulk = pack(&members, &tokens).unwrap();
            prop_assert_eq!(unpack(&bulk), Some((members, tokens)));
        }

        #[test]
        fn no_bytes_are_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            unpack(&bytes);
        }
    }

    #[test]
    fn a_million_learners_in_a_row_take_next_to_nothing() {
        let members: Vec<u32> = (0..1_000_000).collect();
        assert!(pack(&members, &[]).unwrap().len() < 1000);
    }
}
