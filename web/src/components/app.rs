//! The page as a whole.

use std::cell::RefCell;
use std::rc::Rc;

use gopeer_engine::protocol::FileText;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DragEvent, Element, Event, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::{code::Code, dialogs, notices, review::ReviewPane, status, top};
use crate::js::{self, Runner};
use crate::queries;
use crate::state::{Action, FilesAction, LinkAction, PageAction, Pane, PanelAction, Start, State, linkable, reduce};
use crate::tasks::Tasks;

/// Starts the page.
pub fn start() {
    js::show_panics();
    let Some(root) = js::element("page") else { return };
    yew::Renderer::<App>::with_root_and_props(root.into(), AppProps { start: Rc::new(js::start()) }).render();
}

thread_local! {
    /// The newest state, for those who ask from outside.
    static STATE: RefCell<Option<Rc<State>>> = const { RefCell::new(None) };
    /// Takes what those outside want done.
    static DISPATCH: RefCell<Option<Callback<Action>>> = const { RefCell::new(None) };
}

/// What a link to the page as it is would hold; nothing where there is no code.
pub fn shared(finding: &str) -> Vec<u8> {
    let state = STATE.with_borrow(Clone::clone).filter(|state| !state.work.is_blank());
    state.and_then(|state| linkable(&state, finding).to_bytes().ok()).unwrap_or_default()
}

/// The message with the review that is drawn; nothing where it is of another text or not complete.
pub fn reviewed() -> Vec<u8> {
    let state = STATE.with_borrow(Clone::clone);
    let state = state.filter(|state| !queries::is_stale(state));
    let drawn = state.and_then(|state| state.drawn.clone()).filter(|drawn| !drawn.review.partial);
    drawn.map(|drawn| drawn.message.to_vec()).unwrap_or_default()
}

/// Whether what is shown came from a link, and nobody has changed it since.
pub fn is_link() -> bool {
    STATE.with_borrow(|state| state.as_ref().is_some_and(|state| state.read_only()))
}

/// Shows what is shared, as a link to it would, or says why it does not.
pub fn open(shared: &[u8], refused: &str) {
    act(Action::Link(LinkAction::Open { shared: shared.to_vec(), refused: refused.to_owned() }));
}

/// Says something of a finding: 1 accepts it, 2 dismisses it, 0 is a note.
pub fn remark(finding: &str, decision: u8, text: &str) {
    act(Action::Panel(PanelAction::Remark { finding: finding.to_owned(), decision, text: text.to_owned() }));
}

/// Says what the files were before a change, in the engine's words.
pub fn compare(versions: Vec<u8>) {
    act(Action::Files(FilesAction::Before { versions }));
}

/// Writes a note on a line; one without text takes it away.
pub fn note(file: &str, line: u32, text: &str) {
    act(Action::Panel(PanelAction::Note { file: file.to_owned(), line, text: text.to_owned() }));
}

/// Sets a filter, or what findings are grouped by.
pub fn view(name: &str, value: &str) {
    act(Action::Panel(PanelAction::View { name: name.to_owned(), value: value.to_owned() }));
}

/// Compares the reviewer with another one, or with none.
pub fn beside(persona: &str) {
    act(Action::Panel(PanelAction::Beside(persona.to_owned())));
}

/// Shows a place in the code, in UTF-16 units.
pub fn go(file: &str, from: u32, to: u32) {
    act(Action::Panel(PanelAction::Goto { file: file.to_owned(), from, to }));
}

/// Says something of a question; nothing takes it back.
pub fn say(question: &str, said: &str) {
    act(Action::Panel(PanelAction::Say { question: question.to_owned(), said: said.to_owned() }));
}

/// Has a reviewer of one's own review.
pub fn bring(name: &str, text: &str, edit: bool) {
    let file = FileText { name: name.to_owned(), text: text.to_owned() };
    act(Action::Files(FilesAction::Bring { file, edit }));
}

fn act(action: Action) {
    if let Some(dispatch) = DISPATCH.with_borrow(Clone::clone) {
        dispatch.emit(action);
    }
}

#[derive(Clone, Properties)]
struct AppProps {
    start: Rc<Start>,
}

impl PartialEq for AppProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.start, &other.start)
    }
}

/// Holds the state; everything below gets snapshots of it.
struct App {
    state: Rc<State>,
    tasks: Tasks,
    runner: Rc<Runner>,
}

impl Component for App {
    type Message = Action;
    type Properties = AppProps;

    fn create(ctx: &Context<Self>) -> Self {
        let dispatch = ctx.link().callback(|action| action);
        let runner = Runner::new(dispatch.clone());
        let tasks = Tasks::new(dispatch.clone());
        DISPATCH.set(Some(dispatch.clone()));
        listen(&tasks, &dispatch, &runner);
        dispatch.emit(Action::Page(PageAction::Started));
        App { state: Rc::new(State::new((*ctx.props().start).clone())), tasks, runner }
    }

    fn update(&mut self, _: &Context<Self>, action: Action) -> bool {
        let (state, effects) = reduce(&self.state, action);
        for effect in effects {
            self.runner.run(effect, &state);
        }
        let changed = state != *self.state;
        self.state = Rc::new(state);
        STATE.set(Some(self.state.clone()));
        if !changed {
            self.runner.drawn();
        }
        changed
    }

    fn rendered(&mut self, _: &Context<Self>, first: bool) {
        if first && let Some(host) = js::element(super::code::HOST) {
            self.runner.load_editor(host);
            self.runner.start_engine();
        }
        self.runner.drawn();
    }

    fn view(&self, _: &Context<Self>) -> Html {
        let (state, tasks) = (self.state.clone(), self.tasks.clone());
        let pane = match state.pane {
            Pane::Code => "code",
            Pane::Findings => "findings",
        };
        html! {
            <div class="app" data-pane={pane}>
                { top::bar(&state, &tasks) }
                { notices::banners(&state, &tasks) }
                <main class="panes">
                    <Code state={state.clone()} tasks={tasks.clone()} />
                    <Divider split={state.split} tasks={tasks.clone()} />
                    <ReviewPane state={state.clone()} tasks={tasks.clone()} />
                </main>
                { status::bar(&state, &tasks) }
                { status::phone_tabs(&state, &tasks) }
                { notices::toast(&state, &tasks) }
                <div class="visually-hidden" role="status" aria-live="polite">{ queries::summary(&state) }</div>
                <div class="visually-hidden announced" role="status" aria-live="polite">{ state.announced.clone() }</div>
                { dialogs::dialog(&state, &tasks) }
            </div>
        }
    }
}

fn listen(tasks: &Tasks, dispatch: &Callback<Action>, runner: &Rc<Runner>) {
    let window = js::window();
    let to = dispatch.clone();
    js::listen(&window, "hashchange", move |_| {
        let hash = js::window().location().hash().unwrap_or_default();
        to.emit(Action::Link(LinkAction::Hash(hash)));
    });
    let keys = tasks.clone();
    js::listen(&window, "keydown", move |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
            pressed(event, &keys);
        }
    });
    for leaving in ["pagehide", "visibilitychange"] {
        let runner = runner.clone();
        js::listen(&window, leaving, move |_| runner.flush());
    }
    js::listen(&window, "dragover", Event::prevent_default);
    let dropping = tasks.clone();
    js::listen(&window, "drop", move |event| {
        let Some(files) = event.dyn_ref::<DragEvent>().and_then(js::dropped) else { return };
        event.prevent_default();
        let tasks = dropping.clone();
        let files = (0..files.length()).filter_map(|index| files.get(index)).collect();
        spawn_local(async move { tasks.open_files(js::read_files(files).await) });
    });
}

/// Keys that work everywhere, and single keys that work wherever nothing is typed.
fn pressed(event: &KeyboardEvent, tasks: &Tasks) {
    let held = event.ctrl_key() || event.meta_key() || event.alt_key();
    let covered = js::window().document().and_then(|page| page.query_selector("dialog[open]").ok()?).is_some();
    if event.default_prevented() || held || covered {
        return;
    }
    let by = if event.shift_key() { -1 } else { 1 };
    match event.key().as_str() {
        "F8" => {
            tasks.step(by);
            event.prevent_default();
        }
        "F9" => {
            tasks.walk(card_around(event), by);
            event.prevent_default();
        }
        _ if is_typing(event) => {}
        key => tasks.press(key.to_owned()),
    }
}

/// The finding whose card has the focus.
fn card_around(event: &KeyboardEvent) -> Option<String> {
    let focused = event.target()?.dyn_into::<Element>().ok()?;
    let card = focused.closest(".finding").ok()??;
    card.id().strip_prefix("finding-").map(str::to_owned)
}

fn is_typing(event: &KeyboardEvent) -> bool {
    let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return false };
    let kind = element.get_attribute("type").unwrap_or_default();
    let field = matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA") && kind != "radio" && kind != "checkbox";
    field || element.id() == super::code::HOST
}

#[derive(PartialEq, Properties)]
struct DividerProps {
    split: u8,
    tasks: Tasks,
}

/// Between code and review; moves by pointer and by arrow keys.
#[component]
fn Divider(props: &DividerProps) -> Html {
    let move_to = {
        let tasks = props.tasks.clone();
        move |event: PointerEvent| {
            if event.buttons() == 1 {
                let width = js::window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or(1.0);
                tasks.split(f64::from(event.client_x()) / width * 100.0);
            }
        }
    };
    let take = |event: PointerEvent| {
        if let Some(divider) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
            let _ = divider.set_pointer_capture(event.pointer_id());
        }
    };
    let key = {
        let (tasks, split) = (props.tasks.clone(), f64::from(props.split));
        move |event: KeyboardEvent| match event.key().as_str() {
            "ArrowLeft" => tasks.split(split - 2.0),
            "ArrowRight" => tasks.split(split + 2.0),
            _ => {}
        }
    };
    html! {
        <div class="divider" role="separator" tabindex="0" aria-orientation="vertical" aria-label="Width of the code pane"
            aria-valuemin="25" aria-valuemax="75" aria-valuenow={props.split.to_string()}
            onpointerdown={take} onpointermove={move_to} onkeydown={key} />
    }
}
