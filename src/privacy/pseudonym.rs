//! Keyed pseudonyms: one id per person that tells nothing about her without the key.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

/// The shortest key, in bytes: what is shorter can be tried out.
const SHORTEST: usize = 16;

/// Replaces identifiers by pseudonyms under a secret key.
///
/// The same identifier always gets the same pseudonym under the same key, so logs of several
/// formats and nights join. Who has the key can compute the pseudonym of anybody: keep it apart
/// from the data. Losing it makes the pseudonyms final.
#[derive(Clone)]
pub struct Pseudonyms {
    key: [u8; 32],
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms { key: hidden }")
    }
}

impl Pseudonyms {
    /// Pseudonyms under a key of at least 16 bytes.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a shorter key.
    pub fn new(key: &[u8]) -> Result<Self> {
        if key.len() < SHORTEST {
            return Err(Error::parameter(
                "pseudonymize",
                format!("a key of at least {SHORTEST} bytes, such as `secrets.token_bytes(32)`"),
                format!("{} bytes", key.len()),
            ));
        }
        Ok(Self {
            key: blake3::derive_key("kohort 2026-11 pseudonyms of learners", key),
        })
    }

    /// The pseudonym of an identifier: 32 hexadecimal digits (128 bits of keyed BLAKE3).
    #[must_use]
    pub fn of(&self, id: &str) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        if id.is_ascii() {
            hasher.update(id.as_bytes());
        } else {
            // The same name typed on two systems is the same person.
            hasher.update(id.nfc().collect::<String>().as_bytes());
        }
        let mut hex = hasher.finalize().to_hex().to_string();
        hex.truncate(32);
        hex
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_one_pseudonym_per_key() {
        let one = Pseudonyms::new(&[1; 32]).unwrap();
        let other = Pseudonyms::new(&[2; 32]).unwrap();
        assert_eq!(
            one.of("mailto:ann@example.org"),
            one.of("mailto:ann@example.org")
        );
        assert_ne!(
            one.of("mailto:ann@example.org"),
            other.of("mailto:ann@example.org")
        );
        assert_ne!(one.of("ann"), one.of("Ann"));
        assert_eq!(one.of("cafe\u{301}"), one.of("caf\u{e9}"));
        assert_eq!(one.of("ann").len(), 32);
    }

    #[test]
    fn a_short_key_is_refused_and_a_key_is_never_shown() {
        assert!(Pseudonyms::new(b"secret").is_err());
        let shown = format!("{:?}", Pseudonyms::new(&[7; 16]).unwrap());
        assert_eq!(shown, "Pseudonyms { key: hidden }");
    }
}
