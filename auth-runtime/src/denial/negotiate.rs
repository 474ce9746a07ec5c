//! Choosing a body by `Accept`.

use actix_web::HttpResponse;
use actix_web::dev::RequestHead;
use actix_web::http::header::ACCEPT;
use mime::Mime;

use super::render::{html, plain_json, problem_json, text};
use super::{Denial, RenderDenial};

/// Chooses among the built-in renderers by the request's `Accept` (RFC 9110 §12.5.1).
///
/// Problem documents where the client has no preference, accepts nothing of what there is, or
/// sends an `Accept` that cannot be read: a refusal is never a 406 (RFC 9457 §3).
#[derive(Clone, Copy, Debug, Default)]
pub struct Negotiated;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Problem,
    Json,
    Html,
    Text,
}

impl Form {
    /// In the order of the server's own preference.
    const ALL: [Self; 4] = [Self::Problem, Self::Json, Self::Html, Self::Text];

    fn media_type(self) -> (&'static str, &'static str) {
        match self {
            Self::Problem => ("application", "problem+json"),
            Self::Json => ("application", "json"),
            Self::Html => ("text", "html"),
            Self::Text => ("text", "plain"),
        }
    }
}

impl RenderDenial for Negotiated {
    fn render(&self, head: &RequestHead, denial: &Denial) -> HttpResponse {
        chosen(head)(denial)
    }

    fn without_head(&self, head: &RequestHead) -> Option<fn(&Denial) -> HttpResponse> {
        Some(chosen(head))
    }
}

fn chosen(head: &RequestHead) -> fn(&Denial) -> HttpResponse {
    match choose(head) {
        Form::Problem => problem_json,
        Form::Json => plain_json,
        Form::Html => html,
        Form::Text => text,
    }
}

/// Whether the client would rather have a page than anything for programs.
pub(crate) fn prefers_html(head: &RequestHead) -> bool {
    choose(head) == Form::Html
}

fn choose(head: &RequestHead) -> Form {
    let accepted: Vec<Mime> = head
        .headers()
        .get_all(ACCEPT)
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|range| range.trim().parse().ok())
        .collect();
    let mut best = (0, Form::Problem);
    for form in Form::ALL {
        let quality = quality(&accepted, form);
        if quality > best.0 {
            best = (quality, form);
        }
    }
    best.1
}

/// The quality of the most specific range that covers the form, in thousandths
/// (RFC 9110 §12.4.2); 0 where none does.
fn quality(accepted: &[Mime], form: Form) -> u16 {
    let (kind, subtype) = form.media_type();
    accepted
        .iter()
        .filter_map(|range| {
            let whole = match range.suffix() {
                Some(suffix) => format!("{}+{suffix}", range.subtype()),
                None => range.subtype().to_string(),
            };
            let specificity = match (range.type_() == kind, whole == subtype) {
                (true, true) => 2,
                (true, false) if whole == "*" => 1,
                (false, _) if range.type_() == "*" && whole == "*" => 0,
                _ => return None,
            };
            Some((specificity, thousandths(range)))
        })
        .max()
        .map_or(0, |(_, quality)| quality)
}

fn thousandths(range: &Mime) -> u16 {
    let Some(value) = range.get_param("q") else {
        return 1000;
    };
    // A weight that cannot be read is no preference for this form.
    let (whole, fraction) = value
        .as_str()
        .split_once('.')
        .unwrap_or((value.as_str(), ""));
    match (whole, fraction.len()) {
        ("1", 0..=3) if fraction.bytes().all(|digit| digit == b'0') => 1000,
        ("0", 0..=3) => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn form_of(accept: &[&str]) -> Form {
        let mut request = TestRequest::default();
        for line in accept {
            request = request.append_header((ACCEPT, *line));
        }
        choose(request.to_http_request().head())
    }

    #[test]
    fn the_preferred_form_is_chosen() {
        for (accept, form) in [
            (&[][..], Form::Problem),
            (&["*/*"], Form::Problem),
            (&["application/json"], Form::Json),
            (
                &["application/problem+json, application/json"],
                Form::Problem,
            ),
            (
                &["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
                Form::Html,
            ),
            (&["text/plain"], Form::Text),
            (&["text/*"], Form::Html),
            (&["text/html;q=0.1", "application/json;q=0.9"], Form::Json),
            (&["text/html;q=0, */*;q=0.1"], Form::Problem),
            (&["image/png"], Form::Problem),
            (&["text/html;q=0"], Form::Problem),
            (&["text/html;q=1.5"], Form::Problem),
            (&["text/html;q="], Form::Problem),
            (&["nonsense,,;;q"], Form::Problem),
        ] {
            assert_eq!(form_of(accept), form, "{accept:?}");
        }
    }
}
