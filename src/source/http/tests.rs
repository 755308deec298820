//! The client against small servers that send raw bytes.
