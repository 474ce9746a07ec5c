//! What goes wrong in systems like this one, attacked.

mod audit;
mod body;
mod callers;
mod comparison;
mod fail_open;
mod hiding;
mod identity;
mod inside;
mod interplay;
mod leaks;
mod networks;
mod order;
mod paths;
mod placement;
mod policies;
mod rendering;
mod secrets;
mod support;
mod wire;
