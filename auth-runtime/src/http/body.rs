//! The body of a request that waits for its decision.
//!
//! actix-web reads a body while the handler's future is pending, whether or not anything asks for
//! it, until 32 KiB lie there (actix-http's `h1::Dispatcher`). A slow verifier would so read what a
//! quick one leaves alone, and with it change what becomes of the connection. So the body is held
//! back: as long as so much lies in front of it, nothing more is read.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::task::noop_waker_ref;
use futures_util::{Stream as _, StreamExt as _, stream};

/// As much as actix-http buffers of a body before it stops to read.
static FULL: [u8; 32_768] = [0; 32_768];

/// How far a body has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// There may be more.
    Open,
    Complete,
    /// What came is no body.
    Broken,
}

/// Whether an answer that is given now, without reading a body that is this far, ends the
/// connection: what is left can be skipped only where it comes in chunks (actix-http's
/// `should_close_for_unread_payload`).
pub(crate) fn closes(request: &HttpRequest, payload: &Payload, progress: Progress) -> bool {
    matches!(payload, Payload::H1 { .. })
        && progress == Progress::Open
        && !request.chunked().unwrap_or(false)
}

/// How far the body has come. It stays as it was.
pub(crate) fn progress(payload: &mut Payload) -> Progress {
    if !matches!(payload, Payload::H1 { .. }) {
        return Progress::Open;
    }
    let mut arrived = Vec::new();
    let progress = loop {
        match next(payload) {
            Poll::Ready(Some(Ok(bytes))) => arrived.push(bytes),
            Poll::Ready(Some(Err(error))) => {
                // An error cannot be put back, so that another stream has to tell it.
                let items = arrived.into_iter().map(Ok).chain([Err(error)]);
                *payload = Payload::Stream {
                    payload: stream::iter(items).boxed_local(),
                };
                return Progress::Broken;
            }
            Poll::Ready(None) => break Progress::Complete,
            Poll::Pending => break Progress::Open,
        }
    };
    for bytes in arrived.into_iter().rev() {
        put_back(payload, bytes);
    }
    progress
}

fn next(payload: &mut Payload) -> Poll<Option<Result<Bytes, PayloadError>>> {
    Pin::new(payload).poll_next(&mut Context::from_waker(noop_waker_ref()))
}

fn put_back(payload: &mut Payload, bytes: Bytes) {
    if let Payload::H1 { payload } = payload {
        payload.unread_data(bytes);
    }
}

/// Whether a quick answer and a slow one find this body alike: there is none, or all of it is here.
pub(crate) fn is_settled(payload: &Payload, progress: Progress) -> bool {
    !matches!(payload, Payload::H1 { .. }) || progress != Progress::Open
}

/// Waits until what lay in the same buffer as the head has been parsed, and leaves the rest: an
/// answer that follows does not tell by the connection how soon it was known.
pub(crate) async fn leave(mut payload: Payload) {
    let progress = progress(&mut payload);
    if !is_settled(&payload, progress) {
        let held = HeldBody::hold(payload);
        let mut is_polled = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut is_polled, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        drop(held);
    }
}

/// A body that is held back.
pub(crate) struct HeldBody {
    payload: Payload,
    is_held: bool,
}

impl HeldBody {
    pub(crate) fn hold(payload: Payload) -> Self {
        let mut held = Self {
            payload,
            is_held: false,
        };
        held.fill();
        held
    }

    /// How far the body had come when it was held back, or has since by what lay in the same buffer
    /// as the head.
    pub(crate) fn progress(&mut self) -> Progress {
        self.empty();
        let progress = progress(&mut self.payload);
        self.fill();
        progress
    }

    /// The body, to be read.
    pub(crate) fn release(&mut self) -> Payload {
        self.empty();
        Payload::take(&mut self.payload)
    }

    /// See [`closes`].
    pub(crate) fn closes(&self, request: &HttpRequest, progress: Progress) -> bool {
        closes(request, &self.payload, progress)
    }

    /// Lays so much in front of the body that nothing more is read.
    fn fill(&mut self) {
        if matches!(self.payload, Payload::H1 { .. }) {
            put_back(&mut self.payload, Bytes::from_static(&FULL));
            // How much there is, is looked at when something is taken from it.
            put_back(&mut self.payload, Bytes::from_static(b"."));
            self.is_held = true;
            let _ = next(&mut self.payload);
        }
    }

    /// Takes away what [`fill`](Self::fill) laid there.
    fn empty(&mut self) {
        if std::mem::take(&mut self.is_held) {
            let _ = next(&mut self.payload);
        }
    }
}
