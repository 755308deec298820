//! How what the user does looks: a pure function of the model. Changes nothing, asks no clock.
//!
//! [`theme`] says what a role looks like, [`widget`] draws things that know no model, [`words`]
//! turns values into English.

pub mod theme;
pub mod widget;
pub mod words;
