//! Carries out effects.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, HtmlElement, HtmlTextAreaElement, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::Callback;

use super::editor::{Handle, Hooks};
use super::engine::Engine;
use super::{codec, element, net, storage, window};
use crate::queries;
use crate::state::{Action, Effect, EngineAction, Fetch, FilesAction, LinkAction, PageAction, PanelAction, State};
use crate::tasks::Tasks;

/// Id of the plain text area.
pub const PLAIN: &str = "plain-editor";
/// A pause in typing, in milliseconds, after which a review is worth its work.
const PAUSE: u32 = 60;
const TOAST: u32 = 9_000;
const SAVE_AFTER: u32 = 500;

/// The one that carries out effects.
pub struct Runner {
    dispatch: Callback<Action>,
    engine: RefCell<Option<Engine>>,
    editor: RefCell<Option<Rc<Handle>>>,
    watch: RefCell<Option<Timeout>>,
    pause: RefCell<Option<Timeout>>,
    save: RefCell<Option<(Timeout, State)>>,
    keeper: storage::Keeper,
    /// What waits until the page is drawn: a card to scroll to may not be there before.
    after: RefCell<Vec<Box<dyn FnOnce()>>>,
}

impl Runner {
    /// A runner that reports to `dispatch`.
    pub fn new(dispatch: Callback<Action>) -> Rc<Runner> {
        Rc::new(Runner {
            dispatch,
            engine: RefCell::default(),
            editor: RefCell::default(),
            watch: RefCell::default(),
            pause: RefCell::default(),
            save: RefCell::default(),
            keeper: storage::Keeper::default(),
            after: RefCell::default(),
        })
    }

    /// Starts the engine once the page is painted: what the reader looks at comes first.
    pub fn start_engine(self: &Rc<Self>) {
        let runner = self.clone();
        after_paint(move || {
            if runner.engine.borrow().is_none() {
                runner.replace_engine();
            }
        });
    }

    fn replace_engine(&self) {
        // The old one ends before the new one starts.
        self.engine.replace(None);
        let engine = Engine::start(&self.dispatch);
        self.engine.replace(engine);
    }

    /// Loads the editor into `host`.
    pub fn load_editor(self: &Rc<Self>, host: web_sys::HtmlElement) {
        let runner = self.clone();
        spawn_local(async move {
            let loaded = Handle::load(host, hooks(&runner.dispatch)).await;
            let ready = loaded.map_err(|error| web_sys::console::error_1(&error)).ok();
            *runner.editor.borrow_mut() = ready.map(Rc::new);
            let there = runner.editor.borrow().is_some();
            runner.dispatch.emit(Action::Page(PageAction::Editor(there)));
        });
    }

    /// Carries out one effect; `state` is the state after the step.
    pub fn run(self: &Rc<Self>, effect: Effect, state: &State) {
        match effect {
            Effect::Ask(request) => {
                if let Some(engine) = &*self.engine.borrow() {
                    engine.ask(&request);
                }
            }
            Effect::ReplaceEngine => self.replace_engine(),
            Effect::Watch { watch, millis } => {
                let overdue = self.later(millis, EngineAction::Overdue { watch });
                self.watch.replace(Some(overdue));
            }
            Effect::ReviewLater { version } => {
                let due = self.later(PAUSE, EngineAction::Due { version });
                self.pause.replace(Some(due));
            }
            Effect::Show => self.show(state),
            Effect::Forget { file } => self.with_editor(|editor| editor.forget(file)),
            Effect::Apply { file, delta } => self.with_editor(|editor| editor.apply(file, &delta)),
            Effect::Insert { text } => self.insert(&text),
            Effect::Colour { file, tokens } => self.with_editor(|editor| editor.colour(file, &tokens)),
            Effect::Inspected { ticket, found } => {
                self.with_editor(|editor| editor.inspected(ticket, found.as_deref()));
            }
            Effect::Mark => {
                let (marks, steps) = (queries::marks(state), queries::step_marks(state));
                self.with_editor(|editor| editor.mark(state.work.active, &marks, &steps));
            }
            Effect::Reveal { id, from, to, focus } => self.reveal(id, from, to, focus),
            Effect::Glance { at } => self.with_editor(|editor| editor.glance(at)),
            Effect::ScrollTo { id } => self.after(move || scroll_to(&id)),
            Effect::Refocus { to } => self.after(move || refocus(to)),
            Effect::TopOfReview => self.after(|| {
                let pane = window().document().and_then(|page| page.query_selector(".review-pane").ok()?);
                pane.iter().for_each(|pane| pane.set_scroll_top(0));
            }),
            Effect::Save => self.save_later(state.clone()),
            Effect::NewDraft => {
                self.flush();
                self.keeper.renew();
            }
            Effect::ListDrafts => {
                self.flush();
                self.page(PageAction::Earlier(Rc::new(storage::own_drafts())));
            }
            Effect::NameDraft { key, name } => storage::name_draft(&key, &name),
            // In a frame, who comes back to the page around it gets what that page shows.
            Effect::Address { .. } if is_framed() => {}
            Effect::Address { hash } => {
                let history = window().history();
                // Browsers refuse too many calls; the next one will do.
                let _ = history
                    .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("#{hash}"))));
            }
            Effect::Unpack { link } => self.spawn(async move {
                let shared = codec::unpack(&link).await.map(Box::new);
                Action::Link(LinkAction::Unpacked { link, shared })
            }),
            Effect::CopyReport { text } => self.copy(text, |done| Action::Page(PageAction::ReportCopied(done))),
            Effect::Fetch(fetch) => self.fetch(fetch),
            Effect::Untoast { number } => {
                let dispatch = self.dispatch.clone();
                let untoast = move || dispatch.emit(Action::Page(PageAction::Untoast(number)));
                Timeout::new(TOAST, untoast).forget();
            }
            Effect::Theme(theme) => {
                storage::set("gopeer.theme", theme.id());
                if let Some(root) = window().document().and_then(|document| document.document_element()) {
                    let _ = root.set_attribute("data-theme", theme.id());
                }
            }
            Effect::Split(split) => {
                storage::set("gopeer.split", &split.to_string());
                if let Some(body) = window().document().and_then(|document| document.body()) {
                    let _ = body.style().set_property("--split", &format!("{split}%"));
                }
            }
            Effect::KeepPersona => {
                storage::set("gopeer.persona", &state.persona);
            }
            Effect::KeepSingleKeys(on) => {
                storage::set(storage::SINGLE_KEYS, if on { "on" } else { "off" });
            }
        }
    }

    /// The page is drawn.
    pub fn drawn(&self) {
        for act in self.after.take() {
            act();
        }
    }

    fn after(&self, act: impl FnOnce() + 'static) {
        self.after.borrow_mut().push(Box::new(act));
    }

    /// Writes at once what is still to be written.
    pub fn flush(&self) {
        if let Some((timer, state)) = self.save.take() {
            timer.cancel();
            let kept = self.keeper.save(&state);
            self.page(PageAction::Kept(kept));
        }
    }

    fn save_later(self: &Rc<Self>, state: State) {
        let runner = self.clone();
        let timer = Timeout::new(SAVE_AFTER, move || runner.flush());
        self.save.replace(Some((timer, state)));
    }

    fn later(&self, millis: u32, action: EngineAction) -> Timeout {
        let dispatch = self.dispatch.clone();
        // A second, empty turn: where the page itself was busy, the answer may be waiting behind this very timer.
        Timeout::new(millis, move || {
            Timeout::new(0, move || dispatch.emit(Action::Engine(action))).forget();
        })
    }

    fn page(&self, action: PageAction) {
        self.dispatch.emit(Action::Page(action));
    }

    fn with_editor(&self, act: impl FnOnce(&Handle)) {
        let editor = self.editor.borrow().clone();
        if let Some(editor) = editor {
            act(&editor);
        }
    }

    fn show(&self, state: &State) {
        let plain = element(PLAIN).and_then(|area| area.dyn_into::<HtmlTextAreaElement>().ok());
        let focused = window().document().and_then(|document| document.active_element());
        let cursor = plain.filter(|area| focused.as_ref().is_some_and(|focused| focused.id() == area.id()));
        self.with_editor(|editor| {
            editor.show(state.work.active_file(), state.read_only());
            if let Some(area) = cursor {
                let from = area.selection_start().ok().flatten().unwrap_or(0);
                let editor = self.editor.borrow().clone();
                self.after(move || editor.iter().for_each(|editor| editor.focus(from)));
            }
        });
    }

    fn insert(&self, text: &str) {
        let there = self.editor.borrow().is_some();
        if there {
            return self.with_editor(|editor| editor.insert(text));
        }
        let Some(area) = element(PLAIN).and_then(|area| area.dyn_into::<HtmlTextAreaElement>().ok()) else { return };
        if area.set_range_text(text).is_ok() {
            self.dispatch.emit(Action::Files(FilesAction::Replaced { text: area.value() }));
        }
    }

    fn reveal(self: &Rc<Self>, id: String, from: u32, to: u32, focus: bool) {
        let runner = self.clone();
        self.after(move || {
            let there = runner.editor.borrow().is_some();
            if there {
                runner.with_editor(|editor| editor.reveal(&id, from, to, focus));
            } else if let Some(area) = element(PLAIN).and_then(|area| area.dyn_into::<HtmlTextAreaElement>().ok()) {
                let _ = area.focus();
                let _ = area.set_selection_range(from, to);
            }
        });
    }

    fn copy(&self, text: String, done: fn(bool) -> Action) {
        self.spawn(async move { done(net::copy(&text).await) });
    }

    fn spawn(&self, action: impl Future<Output = Action> + 'static) {
        let dispatch = self.dispatch.clone();
        spawn_local(async move { dispatch.emit(action.await) });
    }

    fn fetch(&self, fetch: Fetch) {
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            dispatch.emit(match fetch {
                Fetch::Samples => Action::Page(PageAction::Samples(net::samples().await.map(Rc::new))),
                Fetch::Codec => return codec::prepare().await,
                Fetch::Sample(sample) => match net::sample_text(&sample).await {
                    Some(text) => Action::Files(FilesAction::SampleHere { sample, text }),
                    None => Action::Page(PageAction::SampleFailed),
                },
            });
        });
    }
}

fn hooks(dispatch: &Callback<Action>) -> Hooks {
    let tasks = Tasks::new(dispatch.clone());
    let (files, panel, steps) = (dispatch.clone(), dispatch.clone(), tasks.clone());
    let (names, places) = (dispatch.clone(), dispatch.clone());
    Hooks {
        changed: Box::new(move |file, deltas| files.emit(Action::Files(FilesAction::Edited { file, deltas }))),
        picked: Box::new(move |id| panel.emit(Action::Panel(PanelAction::Pick(id)))),
        step_picked: Box::new(move |number| steps.show_step(None, (number as usize).saturating_sub(1))),
        inspect: Box::new(move |file, at, ticket| {
            names.emit(Action::Engine(EngineAction::Inspect { file, at, ticket }))
        }),
        go_to: Box::new(move |file, from, to| places.emit(Action::Panel(PanelAction::Goto { file, from, to }))),
        pasted: Box::new(move |text, over_all| {
            let taken = over_all || queries::is_for_the_page(&text);
            if taken {
                tasks.take_paste(text, over_all);
            }
            taken
        }),
    }
}

/// Whether the page is shown in a page around it.
fn is_framed() -> bool {
    window().parent().ok().flatten().is_some_and(|around| around != window())
}

/// Calls `act` after the next paint; at once in a tab in the background, which is not painted.
fn after_paint(act: impl FnOnce() + 'static) {
    if window().document().is_some_and(|document| document.hidden()) {
        return act();
    }
    // A frame's callbacks run before it is painted, a timer that one of them sets runs after.
    let frame = Closure::once_into_js(move || Timeout::new(0, act).forget());
    let _ = window().request_animation_frame(frame.unchecked_ref());
}

fn scroll_to(id: &str) {
    if let Some(card) = element(&format!("finding-{id}")) {
        let step = card.query_selector("[aria-current]").ok().flatten();
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        step.as_ref().unwrap_or(&card).scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Moves the focus, unless what has it is in sight.
fn refocus(to: &str) {
    let Some(page) = window().document() else { return };
    let focused = page.active_element().and_then(|focused| focused.dyn_into::<HtmlElement>().ok());
    if focused.is_none_or(|focused| focused.offset_parent().is_none())
        && let Some(heir) = page.query_selector(to).ok().flatten()
        && let Ok(heir) = heir.dyn_into::<HtmlElement>()
    {
        let _ = heir.focus();
    }
}

/// Listens as long as the page lives.
pub fn listen(target: &web_sys::EventTarget, name: &'static str, act: impl FnMut(&Event) + 'static) {
    let options = gloo::events::EventListenerOptions::enable_prevent_default();
    gloo::events::EventListener::new_with_options(target, name, options, act).forget();
}
