//! What is kept in the browser. Storage may be missing, full or forbidden: nothing here fails, things are then not kept.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::JSON;
use serde_wasm_bindgen::{from_value, to_value};
use web_sys::Storage;

use super::window;
use crate::state::{Draft, Earlier, Start, State, Theme};

/// Whether single keys are shortcuts: `off` where they are not.
pub const SINGLE_KEYS: &str = "gopeer.single-keys";
const TAB: &str = "gopeer.tab";
const DRAFT: &str = "gopeer.draft.";
const STAMP: &str = "gopeer.stamp.";
const NAME: &str = "gopeer.name.";
const MOST_DRAFTS: usize = 50;

fn local() -> Option<Storage> {
    window().local_storage().ok()?
}

fn session() -> Option<Storage> {
    window().session_storage().ok()?
}

fn get(key: &str) -> Option<String> {
    local()?.get_item(key).ok()?
}

/// Keeps a setting.
pub fn set(key: &str, value: &str) -> bool {
    local().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

/// Where the page begins.
pub fn start() -> Start {
    let address = window().location().href().unwrap_or_default();
    let (base, hash) = address.split_once('#').unwrap_or((&address, ""));
    // What the address asks of this visit, such as ?embed, is not for those who get a link.
    let base = base.split('?').next().unwrap_or(base);
    let own = session().and_then(|storage| storage.get_item(TAB).ok()?).and_then(|tab| read(&format!("{DRAFT}{tab}")));
    Start {
        base: base.to_owned(),
        hash: hash.to_owned(),
        draft: own.or_else(|| own_drafts().first().map(|earlier| (*earlier.draft).clone())),
        theme: Theme::from_id(&get("gopeer.theme").unwrap_or_default()),
        split: get("gopeer.split").and_then(|split| split.parse().ok()),
        persona: get("gopeer.persona"),
        no_single_keys: get(SINGLE_KEYS).as_deref() == Some("off"),
    }
}

fn read(key: &str) -> Option<Draft> {
    from_value(JSON::parse(&get(key)?).ok()?).ok()
}

/// What [`read`] reads, as text.
fn written(state: &State, saved: f64) -> Option<String> {
    let files = state.work.files.iter().map(|file| (file.name.clone(), file.text.to_string())).collect();
    let active = state.work.files.iter().position(|file| file.id == state.work.active).unwrap_or(0) as u32;
    let (persona, said) = (state.persona.clone(), state.said.to_vec());
    let (before, versions) = (Vec::new(), state.work.before.iter().map(|byte| char::from(*byte)).collect());
    let (remarks, notes) = (state.remarks.to_vec(), state.work.notes.to_vec());
    let (ticks, is_sample) = (Vec::new(), state.work.is_sample);
    let draft = Draft { saved, files, before, versions, active, persona, ticks, said, is_sample, remarks, notes };
    JSON::stringify(&to_value(&draft).ok()?).ok().map(String::from)
}

/// The keys of all drafts.
fn keys(storage: &Storage) -> impl Iterator<Item = String> {
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok()?);
    keys.filter(|key| key.starts_with(DRAFT))
}

/// What the user wrote, newest first.
pub fn own_drafts() -> Vec<Earlier> {
    let mut drafts = drafts();
    drafts.retain(|earlier| !earlier.draft.is_sample);
    drafts
}

/// All drafts, newest first.
fn drafts() -> Vec<Earlier> {
    let Some(storage) = local() else { return Vec::new() };
    let mut newest_first: Vec<Earlier> = Vec::new();
    let earlier = |key: String| {
        let name = get(&beside(&key, NAME)).unwrap_or_default();
        Some(Earlier { draft: Rc::new(read(&key)?), key, name })
    };
    for earlier in keys(&storage).filter_map(earlier) {
        let newer = newest_first.iter().take_while(|other| other.draft.saved > earlier.draft.saved).count();
        newest_first.insert(newer, earlier);
    }
    newest_first
}

/// Keeps a draft's name, beside the draft: the tab that writes that does not know it.
pub fn name_draft(key: &str, name: &str) {
    set(&beside(key, NAME), name);
}

/// The key of something else that is kept for a draft.
fn beside(draft: &str, what: &str) -> String {
    draft.replacen(DRAFT, what, 1)
}

/// The draft of this tab.
#[derive(Default)]
pub struct Keeper {
    tab: RefCell<Option<String>>,
    stamp: RefCell<String>,
}

impl Keeper {
    /// Writes what the state shows; false where the browser does not keep it.
    pub fn save(&self, state: &State) -> bool {
        let Some(storage) = local() else { return false };
        let now = js_sys::Date::now();
        let tab = self.own_tab(&storage);
        let Some(text) = written(state, now) else { return false };
        let key = format!("{DRAFT}{tab}");
        let write = || storage.set_item(&key, &text).is_ok();
        // Where the room is taken, the oldest go first, and no more of them than must.
        let kept = write() || (1..keys(&storage).count()).rev().any(|most| prune(most, &key) && write());
        if kept {
            let stamp = (now as u64).to_string();
            let _ = storage.set_item(&format!("{STAMP}{tab}"), &stamp);
            *self.stamp.borrow_mut() = stamp;
            // Reading them all takes time, and this runs in each pause of typing.
            if keys(&storage).count() > MOST_DRAFTS {
                prune(MOST_DRAFTS, &key);
            }
        }
        kept
    }

    /// The next save goes beside what was saved so far. A sample that was only looked at goes.
    pub fn renew(&self) {
        let shown = self.tab.borrow().as_ref().map(|tab| format!("{DRAFT}{tab}"));
        if let Some(key) = shown.filter(|key| read(key).is_some_and(|draft| draft.is_sample)) {
            remove(&key);
        }
        let tab = format!("{}-{:04}", js_sys::Date::now() as u64, (js_sys::Math::random() * 1e4) as u32);
        if let Some(storage) = session() {
            let _ = storage.set_item(TAB, &tab);
        }
        self.stamp.borrow_mut().clear();
        *self.tab.borrow_mut() = Some(tab);
    }

    /// This tab's name. A duplicated tab brings a copy of it: whoever finds a stamp that is not its own moves away.
    fn own_tab(&self, storage: &Storage) -> String {
        let known = self.tab.borrow().clone();
        let tab = known.clone().or_else(|| session()?.get_item(TAB).ok()?);
        let foreign = tab.as_ref().zip(known.as_ref()).is_some_and(|(tab, _)| {
            let stamp = storage.get_item(&format!("{STAMP}{tab}")).ok().flatten();
            let own = self.stamp.borrow();
            !own.is_empty() && stamp.as_ref() != Some(&*own)
        });
        if tab.is_none() || foreign {
            self.renew();
        } else {
            *self.tab.borrow_mut() = tab;
        }
        self.tab.borrow().clone().unwrap_or_default()
    }
}

/// Forgets a draft and what is kept beside it.
fn remove(key: &str) {
    let Some(storage) = local() else { return };
    for key in [key, &beside(key, STAMP), &beside(key, NAME)] {
        let _ = storage.remove_item(key);
    }
}

/// Forgets the oldest drafts until so many are left; whether there were any to forget.
fn prune(most: usize, except: &str) -> bool {
    let others = drafts().into_iter().filter(|earlier| earlier.key != except);
    let old: Vec<Earlier> = others.skip(most.saturating_sub(1)).collect();
    old.iter().for_each(|earlier| remove(&earlier.key));
    !old.is_empty()
}
