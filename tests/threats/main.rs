//! What goes wrong in systems like this one, attacked.
