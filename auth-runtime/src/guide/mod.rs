//! The guide.

pub mod protection;
