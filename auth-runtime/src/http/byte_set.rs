//! Sets of bytes, for the grammars of header fields.

/// A set of bytes that is asked in one step.
pub(crate) struct ByteSet([bool; 256]);

/// RFC 9110 §5.6.2: `tchar`.
pub(crate) static TCHAR: ByteSet = ByteSet::alphanumeric_and(b"!#$%&'*+-.^_`|~");

/// RFC 9110 §11.2: the characters of `token68` before its padding.
pub(crate) static TOKEN68: ByteSet = ByteSet::alphanumeric_and(b"-._~+/");

impl ByteSet {
    /// ASCII letters and digits, and these.
    const fn alphanumeric_and(others: &[u8]) -> Self {
        let mut set = [false; 256];
        let (mut rest, mut byte) = (set.as_mut_slice(), 0_u8);
        while let Some((slot, behind)) = rest.split_first_mut() {
            *slot = byte.is_ascii_alphanumeric() || is_among(others, byte);
            (rest, byte) = (behind, byte.wrapping_add(1));
        }
        Self(set)
    }

    pub(crate) fn contains(&self, byte: u8) -> bool {
        let Self(set) = self;
        set.get(usize::from(byte)).is_some_and(|is_in| *is_in)
    }

    /// Whether every byte is of the set: without a branch for each.
    pub(crate) fn contains_all(&self, text: &[u8]) -> bool {
        let mut chunks = text.chunks_exact(8);
        let mut all = true;
        for chunk in &mut chunks {
            for byte in chunk {
                all &= self.contains(*byte);
            }
        }
        for byte in chunks.remainder() {
            all &= self.contains(*byte);
        }
        all
    }
}

const fn is_among(mut set: &[u8], byte: u8) -> bool {
    while let [first, behind @ ..] = set {
        if *first == byte {
            return true;
        }
        set = behind;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The grammars once more, as the RFCs write them.
    #[test]
    fn the_sets_hold_what_the_grammars_say() {
        for byte in 0..=255_u8 {
            let is_letter_or_digit = matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z');
            let is_tchar = is_letter_or_digit
                || matches!(
                    byte,
                    b'!' | b'#'
                        | b'$'
                        | b'%'
                        | b'&'
                        | b'\''
                        | b'*'
                        | b'+'
                        | b'-'
                        | b'.'
                        | b'^'
                        | b'_'
                        | b'`'
                        | b'|'
                        | b'~'
                );
            let is_token68 =
                is_letter_or_digit || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
            assert_eq!(TCHAR.contains(byte), is_tchar, "{byte}");
            assert_eq!(TOKEN68.contains(byte), is_token68, "{byte}");
        }
    }

    #[test]
    fn a_text_is_of_the_set_where_each_byte_is() {
        for length in 0..40 {
            let text = vec![b'a'; length];
            assert!(TOKEN68.contains_all(&text));
            for position in 0..length {
                let mut text = text.clone();
                text[position] = b'=';
                assert!(!TOKEN68.contains_all(&text), "{length} {position}");
            }
        }
    }
}
