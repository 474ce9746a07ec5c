//! Text for logs: what would break a line, or hide a part of it, is made visible.

use std::borrow::Cow;

/// Text of others, for a line of a log: control characters, line separators and the characters
/// that change the direction of text are written as `\u{..}`, and then a backslash as `\\`.
///
/// A subject `ada\ngranted` stays in its line and cannot pretend to be an entry of its own
/// (OWASP ASVS 5.0, 16.4.1; CWE-117). Text without such characters is not changed.
///
/// ```
/// use auth_runtime::audit::escaped;
///
/// assert_eq!(escaped("ada\nroot \u{202e}x"), r"ada\u{a}root \u{202e}x");
/// assert_eq!(escaped(r"DOMAIN\Zoë"), r"DOMAIN\Zoë");
/// ```
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\\' => safe.push_str("\\\\"),
            other if is_unsafe(other) => safe.extend(other.escape_unicode()),
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

/// Whether a character ends a line, moves the cursor, or makes others look otherwise than they are.
#[must_use]
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Soft hyphen, Arabic letter mark, invisible and direction marks.
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}'
            // Line and paragraph separators, embeddings and overrides.
            | '\u{2028}'..='\u{202e}'
            // Invisible operators and isolates.
            | '\u{2060}'..='\u{206f}'
            // Byte order mark and interlinear annotations.
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            // Tags.
            | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_breaks_a_line_is_left() {
        for character in ('\0'..='\u{fff}').chain(['\u{2028}', '\u{2029}', '\u{85}', '\u{9b}']) {
            let mut buffer = [0; 4];
            let text = escaped(character.encode_utf8(&mut buffer));
            assert!(!text.contains(is_unsafe), "{character:?} gives {text:?}");
        }
    }
}
