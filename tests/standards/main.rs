//! The rules of the RFCs, by the ids of the checklist.
