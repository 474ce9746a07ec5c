//! A verifier that waits until the test says so, without a clock.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use actix_web::rt::task::yield_now;

/// Closed at first; whoever waits goes on when it is opened.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_open: bool,
    waiting: Vec<Waker>,
    arrived: usize,
    passed: usize,
}

impl Gate {
    pub(crate) fn open(&self) {
        let mut state = self.0.lock().unwrap();
        state.is_open = true;
        state.waiting.drain(..).for_each(Waker::wake);
    }

    /// Waits until the gate is open.
    pub(crate) fn pass(&self) -> impl Future<Output = ()> + use<> {
        Passing {
            gate: self.clone(),
            has_arrived: false,
        }
    }

    /// How many came and found it closed or open.
    pub(crate) fn arrived(&self) -> usize {
        self.0.lock().unwrap().arrived
    }

    /// How many went through.
    pub(crate) fn passed(&self) -> usize {
        self.0.lock().unwrap().passed
    }
}

struct Passing {
    gate: Gate,
    has_arrived: bool,
}

impl Future for Passing {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let is_new = !std::mem::replace(&mut self.has_arrived, true);
        let mut state = self.gate.0.lock().unwrap();
        state.arrived += usize::from(is_new);
        if state.is_open {
            state.passed += 1;
            Poll::Ready(())
        } else {
            state.waiting.push(cx.waker().clone());
            Poll::Pending
        }
    }
}

/// Lets the others run `times` times.
pub(crate) async fn yields(times: usize) {
    for _ in 0..times {
        yield_now().await;
    }
}
