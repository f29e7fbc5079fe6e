//! Where input from outside can do harm.

use std::rc::Rc;

use gopeer_sema::Def;
use gopeer_sema::types::Type;
use gopeer_syntax::ast::{Expr, ExprId, LiteralKind, Node};

use super::facts::{Kinds, Part, Role};
use super::reach::Fields;
use super::trace::{Begin, given};
use super::{From, InnerStep};
use crate::summary::{FuncName, What};
use crate::{Call, Cx};

/// A value that can do harm if it comes from outside.
#[derive(Clone, Debug)]
pub(crate) struct Sink {
    /// The call.
    pub(super) call: ExprId,
    /// The argument, and the fields of it.
    pub(super) at: ExprId,
    pub(super) fields: Fields,
    pub(super) kinds: Kinds,
    /// What does the harm: `exec.Command`.
    pub(super) name: Rc<str>,
    /// The function of the package in which it is done.
    pub(super) within: Option<FuncName>,
    /// The way to it in there.
    pub(super) inner: Rc<[InnerStep]>,
    /// The class of what the function takes out of what it is given.
    pub(super) class: Option<Rc<str>>,
}

impl Sink {
    /// Whether input that begins there can do this harm.
    pub(super) fn takes(&self, begin: &Begin) -> bool {
        let From::Outside(class) = &begin.from else { return false };
        let class = self.class.as_ref().unwrap_or(class);
        match self.kinds {
            // What a browser sends by itself nobody else decides.
            Kinds::REDIRECT => !matches!(&**class, "header" | "host" | "cookie" | "url" | "request"),
            Kinds::HTML | Kinds::MARKUP => &**class != "message",
            // A service may ask itself, and a proxy sends what it gets.
            Kinds::URL => !matches!(&**class, "host" | "request"),
            // Who hands on an address, or a header, hands on what is escaped.
            Kinds::ADDRESS | Kinds::PART => {
                matches!(&**class, "query" | "form" | "variable" | "body" | "message" | "rpc")
            }
            Kinds::READER => &**class == "body",
            // What a client takes from an answer, or knows of others, is mostly one of few.
            Kinds::LABEL => matches!(&**class, "url" | "variable" | "query" | "form" | "header"),
            // Who asks twice wants it twice.
            Kinds::COUNTER => &**class == "message",
            _ => true,
        }
    }
}

impl<'a> Cx<'a> {
    /// The values of a piece that can do harm, in source order.
    pub(super) fn sinks(&self) -> Rc<[Sink]> {
        if let Some(known) = self.asked.sinks.get() {
            return Rc::clone(known);
        }
        let found = Rc::from(self.find_sinks());
        Rc::clone(self.asked.sinks.get_or_init(|| found))
    }

    fn find_sinks(&self) -> Vec<Sink> {
        let mut sinks = Vec::new();
        for &root in self.tree.roots() {
            for &node in self.calls_within(root, true).iter() {
                let Node::Expr(call) = node else { continue };
                let Some(found) = self.call(call) else { continue };
                match self.function_of(&found) {
                    Some(name) => self.own_sinks(&found, name, &mut sinks),
                    None => self.library_sinks(&found, &mut sinks),
                }
            }
        }
        sinks
    }

    fn own_sinks(&self, call: &Call<'a>, name: FuncName, sinks: &mut Vec<Sink>) {
        if call.args.is_empty() && call.receiver.is_none() {
            return;
        }
        let Some(flows) = self.ask_taint(call, What::TaintSinks) else { return };
        for flow in flows.iter() {
            let From::Given(part, fields) = &flow.from else { continue };
            let Some(&at) = given(call, *part).first() else { continue };
            if flow.kinds == Kinds::TOKEN && self.verifies(call.expr) {
                continue;
            }
            sinks.push(Sink {
                call: call.expr,
                at,
                fields: Rc::clone(fields),
                kinds: flow.kinds,
                name: Rc::clone(&flow.sink),
                within: Some(name.clone()),
                inner: Rc::clone(&flow.steps),
                class: flow.class.clone(),
            });
        }
    }

    fn library_sinks(&self, call: &Call<'a>, sinks: &mut Vec<Sink>) {
        let roles = self.roles(&call.callee);
        if roles.is_empty() {
            return;
        }
        let name: Rc<str> = self.callee_text(call.expr).into();
        let sends = roles.any(|role| matches!(role, Role::Sends(_)));
        let mut add = |at: ExprId, kinds: Kinds| {
            // gorm takes structs too, whose fields become arguments.
            let statement = kinds.has(Kinds::SQL.or(Kinds::CQL));
            let is_text = || matches!(self.under(at), Type::Unknown | Type::Basic(_));
            if self.string_value(at).is_none() && (!statement || is_text()) {
                let fields: Fields = if sends { Rc::new([Rc::from("URL")]) } else { Rc::new([]) };
                let (within, class) = (None, None);
                let (call, name, inner) = (call.expr, Rc::clone(&name), Rc::new([]) as Rc<[_]>);
                sinks.push(Sink { call, at, fields, kinds, name, within, inner, class });
            }
        };
        let address = |index: usize, add: &mut dyn FnMut(ExprId, Kinds)| {
            let at = call.args.get(index).filter(|_| call.callee.path != "net");
            at.into_iter().for_each(|&at| add(at, Kinds::ADDRESS));
        };
        for role in roles.iter() {
            match role {
                Role::Sink(_, Kinds::TOKEN) if self.verifies(call.expr) => {}
                // A request does its harm where it is sent.
                Role::Sink(index, Kinds::URL) if self.is_sent(call) => address(index, &mut add),
                Role::Sink(index, Kinds::SQL) if self.adds(call.args.get(index).copied()) => {
                    call.args[index + 1..].iter().for_each(|&at| add(at, Kinds::COUNTER));
                }
                Role::Sink(index, Kinds::LABEL) => {
                    given(call, Part::Arg(index)).into_iter().for_each(|at| add(at, Kinds::LABEL));
                }
                Role::Sink(index, kinds) => {
                    if kinds == Kinds::URL {
                        address(index, &mut add);
                    }
                    let host = if kinds == Kinds::URL { self.host_set_later(call.expr) } else { None };
                    host.or(call.args.get(index).copied()).into_iter().for_each(|at| add(at, kinds));
                }
                Role::Sends(index) => {
                    let request = call.args.get(index).copied();
                    let made = request.and_then(|request| self.defining_call(request));
                    let host = made.and_then(|made| self.host_set_later(made));
                    host.or(request).into_iter().for_each(|at| add(at, Kinds::URL));
                }
                // Of a value whose type is written nobody reads anything.
                Role::Logs(_)
                    if call.args.iter().any(|&arg| self.string_value(arg).is_some_and(|text| text.contains("%T"))) => {}
                Role::Logs(from) => {
                    given(call, Part::Arg(from)).into_iter().for_each(|at| add(at, Kinds::SECRET));
                }
                Role::Exec(index) => self.commanded(call, index, &mut add),
                Role::Answer(to, from) => {
                    let kinds = match self.writes_tags(call, from) {
                        true => Kinds::MARKUP,
                        false if self.answers_html(call, to) => Kinds::HTML,
                        false => continue,
                    };
                    given(call, Part::Arg(from)).into_iter().for_each(|at| add(at, kinds));
                }
                _ => {}
            }
        }
    }

    /// What the host of a request is set to after it was made: `out.URL.Host = backend`.
    fn host_set_later(&self, call: ExprId) -> Option<ExprId> {
        let Def::Local(made) = self.def(self.first_target(call)?) else { return None };
        let selects = |of: ExprId, wanted: &str| match self.tree.parent(of) {
            Some(Node::Expr(around)) => {
                matches!(self.expr(around), Expr::Selector { name, .. } if self.source(name) == wanted)
                    .then_some(around)
            }
            _ => None,
        };
        self.names.uses(made).take(256).find_map(|used| {
            let url = selects(used, "URL")?;
            crate::config::assignment_to(self.tree, selects(url, "Host").unwrap_or(url))?.1
        })
    }

    /// Whether the function around the parsing of a token verifies it as well, or reads only which key or issuer it names.
    fn verifies(&self, parse: ExprId) -> bool {
        let verifies = |cx: &Cx, node: Node| {
            let Node::Expr(id) = node else { return false };
            match cx.expr(id) {
                Expr::Call { .. } => matches!(cx.callee_word(id), "Parse" | "ParseWithClaims" | "Verify"),
                Expr::Literal(LiteralKind::String) => matches!(cx.source(id), "\"kid\"" | "\"iss\""),
                _ => false,
            }
        };
        self.enclosing_decl(parse).is_some_and(|decl| !self.within(decl, true, verifies).is_empty())
    }

    /// Whether a statement adds to a column: `SET n = n + $1`.
    fn adds(&self, statement: Option<ExprId>) -> bool {
        let Some(text) = statement.and_then(|statement| self.string_value(statement)) else { return false };
        let words: Vec<&str> = text.split_whitespace().collect();
        words.windows(4).any(|words| matches!(words, [one, "=", other, "+"] if one == other))
    }

    /// Whether a request that a call makes is sent in the same function.
    fn is_sent(&self, made: &Call<'a>) -> bool {
        let sends = |callee| self.roles(&callee).any(|role| matches!(role, Role::Sends(_)));
        let is_sent = |used| match self.tree.parent(used) {
            Some(Node::Expr(call)) => self.callee(call).is_some_and(sends),
            _ => false,
        };
        self.first_target(made.expr).is_some_and(|request| self.names.uses(request).take(16).any(is_sent))
    }

    /// Whether a format, or a text before what is written, has tags of HTML: with the values between them, that is a page.
    fn writes_tags(&self, call: &Call<'a>, from: usize) -> bool {
        const TAGS: &[&str] = &[
            "a", "b", "body", "br", "code", "div", "em", "form", "h1", "h2", "h3", "head", "html", "i", "img", "input",
            "li", "meta", "ol", "p", "pre", "script", "span", "strong", "style", "table", "td", "th", "title", "tr",
            "ul",
        ];
        let is_tag = |rest: &str| {
            let rest = rest.strip_prefix('/').unwrap_or(rest);
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            TAGS.contains(&&*rest[..end].to_ascii_lowercase())
        };
        let has_tags = |text: &str| text.match_indices('<').any(|(at, _)| is_tag(&text[at + 1..]));
        let before = from.checked_sub(1).and_then(|at| call.args.get(at));
        call.callee.path == "fmt"
            && before.and_then(|&text| self.string_value(text)).is_some_and(|text| has_tags(&text))
    }

    /// The program that is run, and its arguments: a shell reads them as commands.
    fn commanded(&self, call: &Call<'a>, index: usize, add: &mut dyn FnMut(ExprId, Kinds)) {
        /// Programs with options that run commands or write files where they like (their manuals).
        const OPTIONS: &[&str] = &[
            "convert", "curl", "find", "ffmpeg", "git", "hg", "kubectl", "magick", "rsync", "scp", "sed", "sort",
            "ssh", "svn", "tar", "wget", "zip",
        ];
        const SHELLS: &[&str] = &[
            "ash",
            "bash",
            "cmd",
            "cmd.exe",
            "dash",
            "ksh",
            "node",
            "osascript",
            "perl",
            "php",
            "powershell",
            "powershell.exe",
            "pwsh",
            "python",
            "python3",
            "ruby",
            "sh",
            "ssh",
            "su",
            "zsh",
        ];
        let Some((&program, args)) = call.args.get(index..).and_then(<[ExprId]>::split_first) else { return };
        add(program, Kinds::COMMAND);
        let name = self.string_value(program);
        let name = name.as_deref().and_then(|name| name.rsplit('/').next()).unwrap_or_default().to_owned();
        // `sh -c 'cp "$1" /srv' sh FILE`: what follows the text is data.
        let text = |at: usize| args.get(at).and_then(|&arg| self.string_value(arg));
        let script = args
            .iter()
            .enumerate()
            .position(|(at, _)| at > 0 && text(at - 1).is_some_and(|flag| is_script_flag(&flag)));
        // A program that is not written out and gets `-c` is a shell too.
        let is_shell = SHELLS.contains(&name.as_str()) || name.is_empty() && script.is_some();
        for (at, &arg) in args.iter().enumerate() {
            if text(at).is_some_and(|text| text == "--") {
                break;
            }
            let read = match script {
                Some(script) => at == script || name.starts_with("cmd"),
                None => name == "ssh",
            };
            match (is_shell, read) {
                (true, true) => add(arg, Kinds::COMMAND),
                (true, false) if script.is_some_and(|script| at > script) => {}
                _ if matches!(self.expr(call.expr), Expr::Call { spread: true, .. }) && is_shell => {
                    add(arg, Kinds::COMMAND)
                }
                _ if OPTIONS.contains(&name.as_str()) => add(arg, Kinds::ARGUMENT),
                _ => {}
            }
        }
    }

    /// Whether what is written there goes to a browser, as HTML for all that shows.
    fn answers_html(&self, call: &Call<'a>, to: Part) -> bool {
        let Some(&to) = given(call, to).first() else { return false };
        if !self.has_type(to, &["net/http.ResponseWriter"]) {
            // gin's `Data` says of which type it is.
            return self.string_value(to).is_some_and(|text| text.starts_with("text/html"));
        }
        !self.sets_content_type(call.expr)
    }

    /// Whether the function around a call sets a content type that is not HTML, itself or by a function that it gives both.
    fn sets_content_type(&self, call: ExprId) -> bool {
        let Some(func) = self.enclosing_func(call) else { return false };
        let sets = |cx: &Cx, node: Node| {
            let Node::Expr(call) = node else { return false };
            let Expr::Call { args, .. } = cx.expr(call) else { return false };
            let [.., key, value] = *cx.exprs(args) else { return false };
            let html = cx.string_value(value).is_some_and(|value| value.starts_with("text/html"));
            cx.string_value(key).is_some_and(|key| key.eq_ignore_ascii_case("content-type")) && !html
        };
        !self.within(func.body, false, sets).is_empty()
    }
}

/// Whether a flag makes an interpreter run the next argument.
fn is_script_flag(flag: &str) -> bool {
    let lower = flag.to_ascii_lowercase();
    matches!(lower.as_str(), "/c" | "/k" | "-command" | "-e" | "-r")
        || lower.starts_with('-') && !lower.starts_with("--") && lower.ends_with('c') && lower.len() <= 5
}
