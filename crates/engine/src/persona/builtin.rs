//! Reads the built-in personas from what the build script made of their files, so that the page's engine carries no TOML.
//!
//! By hand: what serde derives for these types is 6 KB of the packed engine, most of it for text that is cut short. Here
//! that reads as empty; a test holds what is read against the files.

use super::load::{Persona, RuleTuning, SectionSpec, Topic, Wording};
use crate::protocol::Severity;

/// The built-in personas, in the order of the page.
pub fn builtin() -> Vec<Persona> {
    Reader(include_bytes!(concat!(env!("OUT_DIR"), "/personas.postcard"))).list(persona)
}

/// What is left of bytes in postcard's format: the fields of a struct in order, lengths before what has one.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn bytes(&mut self, count: usize) -> &'b [u8] {
        let (head, rest) = self.0.split_at_checked(count).unwrap_or_default();
        self.0 = rest;
        head
    }

    fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or_default()
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn number(&mut self) -> u32 {
        let byte = u32::from(self.byte());
        if byte < 0x80 { byte } else { (byte & 0x7f) | self.number() << 7 }
    }

    fn weight(&mut self) -> f32 {
        self.bytes(4).try_into().map_or(0.0, f32::from_le_bytes)
    }

    fn text(&mut self) -> String {
        let count = self.number() as usize;
        std::str::from_utf8(self.bytes(count)).unwrap_or_default().to_owned()
    }

    fn list<T>(&mut self, item: fn(&mut Self) -> T) -> Vec<T> {
        (0..self.number()).map(|_| item(self)).collect()
    }
}

fn persona(from: &mut Reader) -> Persona {
    Persona {
        id: from.text(),
        name: from.text(),
        tagline: from.text(),
        show: from.number(),
        categories: from.list(|from| (from.text(), from.weight())).into(),
        concerns: from.list(|from| (from.text(), from.weight())).into(),
        rules: from.list(|from| (from.text(), tuning(from))).into(),
        verdict: wording(from),
        say: wording(from),
        voice: from.list(|from| (from.text(), from.text())).into(),
        sections: from.list(section),
        about: from.text(),
        questions: from.list(topic),
        checklist: from.list(topic),
    }
}

fn tuning(from: &mut Reader) -> RuleTuning {
    RuleTuning { boost: from.weight(), say: from.text(), mute: from.byte() != 0 }
}

fn wording(from: &mut Reader) -> Wording {
    Wording {
        critical: from.text(),
        high: from.text(),
        medium: from.text(),
        low: from.text(),
        none: from.text(),
        question: from.text(),
    }
}

fn section(from: &mut Reader) -> SectionSpec {
    SectionSpec {
        title: from.text(),
        severities: from.list(severity),
        categories: from.list(Reader::text),
        concerns: from.list(Reader::text),
        rules: from.list(Reader::text),
        empty: from.text(),
    }
}

fn severity(from: &mut Reader) -> Severity {
    match from.number() {
        0 => Severity::Low,
        1 => Severity::Medium,
        2 => Severity::High,
        _ => Severity::Critical,
    }
}

fn topic(from: &mut Reader) -> Topic {
    Topic { text: from.text(), categories: from.list(Reader::text) }
}
