//! The access matrix as one page of HTML.

use serde_json::Value;

const TEMPLATE: &str = include_str!("page.html");

/// The page with its data in it.
pub(super) fn write(title: &str, matrix: &Value) -> String {
    // Neither `</script>` nor `<!--` can stand in the data: HTML, the script element's content.
    let data = matrix.to_string().replace('<', "\\u003c");
    let title = escape(title);
    let mut page = String::with_capacity(TEMPLATE.len() + data.len() + 2 * title.len());
    let mut rest = TEMPLATE;
    // Piece by piece: what is put in is not searched again.
    while let Some((before, behind)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, behind) = behind.split_once("}}").unwrap_or((behind, ""));
        page.push_str(match name {
            "title" => &title,
            "data" => &data,
            _ => "",
        });
        rest = behind;
    }
    page.push_str(rest);
    page
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_data_cannot_end_the_script_and_the_title_cannot_begin_one() {
        let page = write(
            "<script>{{data}}",
            &json!({ "x": "</script><!-- {{title}} \u{2028}" }),
        );
        assert_eq!(page.matches("</script>").count(), 2);
        assert!(!page.contains("<!--"));
        assert!(page.contains("<title>&lt;script&gt;{{data}}</title>"));
        assert!(page.contains(r"\u003c/script>\u003c!-- {{title}}"));
    }

    #[test]
    fn the_page_needs_no_network() {
        for word in [
            "http://", "https://", "src=", "href=", "url(", "@import", "fetch(",
        ] {
            assert!(!TEMPLATE.contains(word), "{word}");
        }
        assert!(TEMPLATE.contains("default-src 'none'"));
        assert!(!TEMPLATE.contains("innerHTML"));
    }
}
