//! Bodies that notice being read.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;

/// A body that counts how often it is polled. Past its chunks it ends, or stalls.
pub(crate) struct Watched {
    chunks: Vec<Bytes>,
    stalls: bool,
    polls: Rc<Cell<usize>>,
}

impl Watched {
    /// The body as a payload, and the number of times that it was polled.
    pub(crate) fn payload(chunks: Vec<Bytes>, stalls: bool) -> (Payload, Rc<Cell<usize>>) {
        let polls = Rc::new(Cell::new(0));
        let body = Self {
            chunks,
            stalls,
            polls: Rc::clone(&polls),
        };
        let boxed: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(body);
        (Payload::from(boxed), polls)
    }
}

impl Stream for Watched {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.polls.set(self.polls.get() + 1);
        if self.chunks.is_empty() {
            if self.stalls {
                Poll::Pending
            } else {
                Poll::Ready(None)
            }
        } else {
            Poll::Ready(Some(Ok(self.chunks.remove(0))))
        }
    }
}

/// The request with this payload in place of its own.
macro_rules! with_payload {
    ($request:expr, $payload:expr) => {
        $request.to_request().replace_payload($payload).0
    };
}
pub(crate) use with_payload;
