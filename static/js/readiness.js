// Production readiness: what the rules have seen of it in this code, what they would change, and what the code does not show.
import { make } from "./make.js";
import { counted } from "./prose.js";

/** Each with the rules that look at it, or a whole category, and what to ask where none of them met anything. */
const ASPECTS = [
  ["Shutdown", "Which requests and messages are in flight when the process gets SIGTERM, and who waits for them?", [
    "resilience/no-graceful-shutdown", "resilience/main-exits-before-shutdown", "resilience/shutdown-context-invalid",
    "resilience/workers-not-awaited", "resilience/shutdown-order", "resilience/signal-handling", "resilience/unbuffered-signal-channel",
    "resilience/uncatchable-signal", "resilience/signal-stop-discarded", "concurrency/fire-and-forget-goroutine",
    "concurrency/goroutine-no-exit", "kafka/producer-not-flushed", "errors/exit-after-defer", "deploy/docker-entrypoint",
  ]],
  ["Time limits", "Which calls leave the process, and how long may each of them take?", [
    "http/client-no-timeout", "http/server-no-timeouts", "grpc/missing-deadline", "context/missing-context-variant",
    "context/background-in-call-chain", "context/gorm-without-context", "context/derived-context-discarded",
    "resilience/retry-ignores-context",
  ]],
  ["Limits", "What bounds the size of a request, and the number of goroutines and connections?", [
    "http/unlimited-request-body", "concurrency/unbounded-goroutines", "resilience/rate-limiter-misuse",
    "resilience/retry-without-backoff", "messaging/rabbit-no-prefetch", "resources/client-per-request",
  ]],
  // No rule looks at it.
  ["Health", "Which endpoint says that the process is ready, and what does it check?", []],
  ["Telemetry", "Which metric, log line or span shows that this works, and who is alerted when it does not?", [
    "observability/", "errors/lost-in-goroutine", "errors/silently-dropped", "errors/recover-misuse",
  ]],
  ["Configuration", "Where do settings and secrets come from in each environment?", [
    "security/hardcoded-secret-argument", "security/hardcoded-secret-fallback", "sql/insecure-dsn",
    "deploy/secret-in-manifest", "deploy/docker-image", "deploy/docker-root-user", "deploy/gomod-hygiene",
  ]],
  ["Security", "Who may call this, and where is that checked?", [
    "sql/injection", "cassandra/cql-injection", "grpc/insecure-credentials", "grpc/insecure-server", "security/command-injection",
    "security/path-traversal", "security/ssrf", "security/xss", "security/jwt-validation", "security/tls-verification-disabled",
    "security/tls-weak-config", "security/cors-misconfigured", "security/cookie-flags", "security/internal-error-disclosure",
    "security/secret-exposure", "security/debug-exposed", "security/weak-random", "security/weak-password-storage",
    "security/timing-unsafe-compare",
  ]],
  ["Tests", "Which test fails without this change?", ["testing/"]],
];

function toFinding(id) {
  const card = document.getElementById(`finding-${id}`);
  card?.scrollIntoView({ block: "nearest" });
  card?.querySelector(".quoted")?.click();
}

function row([title, question, rules], held, found) {
  const looks = ([rule]) => rules.some((wanted) => (wanted.endsWith("/") ? rule.startsWith(wanted) : rule === wanted));
  const [seen, wrong] = [held.filter(looks), found.filter(looks)];
  const places = seen.reduce((sum, [, number]) => sum + Number(number), 0);
  const by = seen.length > 3 ? [counted(seen.length, "rule")] : seen.flatMap(([rule], index) => [index > 0 ? ", " : "", make("code", { textContent: rule })]);
  const examined = ["Nothing to change in ", counted(places, "place"), " examined by ", ...by, "."];
  const state = wrong.length > 0 ? "Needs changes" : places > 0 ? "Examined" : "Not visible";
  const said = [];
  if (wrong.length > 0) {
    const links = wrong.map(([, id], index) => make("button", { className: "link-button", type: "button", textContent: `${index + 1}`, ariaLabel: `${title}: finding ${index + 1}`, onclick: () => toFinding(id) }));
    said.push(`${counted(wrong.length, "finding")}: `, ...links.slice(0, 5).flatMap((link) => [link, " "]));
    if (links.length > 5) said.push("and more. ");
    if (places > 0) said.push(...examined);
  } else {
    said.push(...(places > 0 ? examined : [question]));
  }
  return make("li", {},
    make("p", {}, make("strong", { textContent: title }), " ", make("span", { className: "state muted", textContent: state })), make("p", {}, ...said));
}

/**
 * Draws the table. `rules` has `rule=places` for each rule that found nothing to change in so many places, and `rule=finding` for each
 * finding.
 */
export function draw(element) {
  const pairs = (element.getAttribute("rules") ?? "").split(" ").filter(Boolean).map((pair) => pair.split("="));
  const isNumber = ([, value]) => /^\d+$/.test(value);
  const [held, found] = [pairs.filter(isNumber), pairs.filter((pair) => !isNumber(pair))];
  const open = element.querySelector("details")?.open ?? false;
  const note = make("p", { className: "muted", textContent: "What is not visible in this code may be elsewhere. A row says what rules have examined, not that nothing else is missing." });
  const box = make("details", { open }, make("summary", { textContent: "Production readiness" }), note, make("ul", {}, ...ASPECTS.map((aspect) => row(aspect, held, found))));
  element.className = "guide";
  element.replaceChildren(box);
}
