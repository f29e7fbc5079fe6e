//! Input from outside is run as a command.
//!
//! Whoever sends the request runs programs of their choice with the rights of the service: a shell reads `; rm -rf /` in a name as
//! the next command. Call the program itself with its arguments (`exec.Command("tar", "-cf", out, "--", name)`), which no shell
//! reads, and check what names a program or a file against those that are allowed. A plain argument that begins with `-` is read as
//! an option (`tar --checkpoint-action=exec=…`); put `--` before it, or check how it begins.
//!
//! Input is followed through variables, fields, closures and the functions of the package. It comes from requests (`net/http`, chi,
//! gorilla/mux, gin, echo, fiber, gRPC) and from messages of a queue. Flags, the environment and files are set by who runs the
//! program. Numbers, what was looked up in a map of those that are allowed or compared with constants, and what a function
//! has checked that says so by its name (`validName`) do no harm.
//!
//! Limits: what another package of the module does with its arguments is not known.
//!
//! ```go bad
//! func ping(w http.ResponseWriter, r *http.Request) {
//! 	out, _ := exec.Command("sh", "-c", "ping -c 1 "+r.FormValue("host")).Output()
//! 	//                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ contains a form value of the request and is run as a command
//! 	w.Write(out)
//! }
//! ```
//! ```go bad
//! type job struct {
//! 	Tool string `json:"tool"`
//! 	Args []string
//! }
//!
//! func start(w http.ResponseWriter, r *http.Request) {
//! 	var j job
//! 	if err := json.NewDecoder(r.Body).Decode(&j); err != nil {
//! 		http.Error(w, "bad request", http.StatusBadRequest)
//! 		return
//! 	}
//! 	run(r.Context(), j)
//! 	//               ^ `j.Tool` contains part of the body of the request and is run as a command in `run`
//! }
//!
//! func run(ctx context.Context, j job) error {
//! 	return exec.CommandContext(ctx, j.Tool, "-q").Run()
//! }
//! ```
//! ```go bad
//! func convert(w http.ResponseWriter, r *http.Request) {
//! 	format := r.URL.Query().Get("format")
//! 	out, err := exec.Command("convert", "in.png", format).Output()
//! 	//                                            ^^^^^^ medium: `format` is an argument and contains a query parameter of the request
//! 	if err != nil {
//! 		http.Error(w, "failed", http.StatusInternalServerError)
//! 		return
//! 	}
//! 	w.Write(out)
//! }
//! ```
//! ```go good
//! var tools = map[string]string{"png": "pngquant", "jpg": "jpegoptim"}
//!
//! func optimise(w http.ResponseWriter, r *http.Request) {
//! 	tool, ok := tools[r.FormValue("format")] // one of ours
//! 	if !ok {
//! 		http.NotFound(w, r)
//! 		return
//! 	}
//! 	quality, err := strconv.Atoi(r.FormValue("quality")) // a number
//! 	if err != nil {
//! 		http.Error(w, "bad quality", http.StatusBadRequest)
//! 		return
//! 	}
//! 	exec.Command(tool, strconv.Itoa(quality), "in").Run()
//! }
//! ```
//! ```go good
//! func main() {
//! 	editor := flag.String("editor", "vi", "program to edit with")
//! 	flag.Parse()
//! 	exec.Command(*editor, os.Args[1]).Run() // who runs it may run programs anyway
//! }
//! ```
//!
//! # Impact
//!
//! The sender of the request runs programs as the service's user: reads its secrets, reaches its network, stays. In the
//! logs it is one odd parameter; on the node, a child process that the service never starts otherwise. A test sends `;
//! touch /tmp/pwned` and looks for the file.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with `x; touch pwned` as input the file must not appear, and with `--help` the
//!   program must not read it as an option
//! - `ps --ppid PID -o args`: while the request runs, what the service has really started
//!
//! # Options
//!
//! - Call the program with separate arguments, and `--` before them: no shell reads them; pipes and globs have to be
//!   written in Go
//!   - senior, backend, throughput: input is data, never syntax
//! - Do it with a library in the process: nothing is started, and there is one dependency more
//!   - cloud-native: the image needs neither shell nor tool
//! - Map input to a list of allowed commands: for choices, not for free text
//!   - data: what can run is written down
//!
//! # References
//!
//! - [Package os/exec](https://pkg.go.dev/os/exec)
//! - [OWASP, "OS Command Injection Defense Cheat
//!   Sheet"](https://cheatsheetseries.owasp.org/cheatsheets/OS_Command_Injection_Defense_Cheat_Sheet.html)
use gopeer_lint::prelude::*;

use super::tainted::named;

pub static RULE: Rule = Rule {
    id: "security/command-injection",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["gosec:G204", "gosec:G702", "semgrep:dangerous-exec-command"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check)],
    examines: "commands that are run",
};

fn check(cx: &mut Cx) {
    for taint in cx.taints(Kinds::COMMAND.or(Kinds::ARGUMENT)) {
        let (name, place, origin) = (named(cx, &taint), taint.place(), taint.origin());
        let is_word = matches!(cx.expr(taint.at), Expr::Index { .. });
        if taint.kind == Kinds::COMMAND {
            let report = cx.report(taint.at, format!("{name} contains {origin} and is run as a command{place}"));
            // Which of several words comes from outside is not followed.
            let report = if is_word { report.question() } else { report };
            report.steps(taint.steps).note(
                "run a fixed program and pass the input as one argument after `--`, or check it against an allow-list",
            );
        } else {
            cx.report(
                taint.at,
                format!(
                    "{name} is an argument and contains {origin}: one that begins with `-` is read as an option{place}"
                ),
            )
            .severity(Severity::Medium)
            .steps(taint.steps)
            .note("put `--` before it if the program knows that, or check how it begins");
        }
    }
}
