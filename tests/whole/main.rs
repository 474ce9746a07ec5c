//! The whole application: the net under forgotten handlers, the audit, the test kit, the OpenAPI
//! document and the counters.

mod audit;
mod counters;
mod denials;
mod direct;
mod kit;
mod net;
mod openapi;
mod unprotected;
