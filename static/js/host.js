// A frame that a <gopeer-review> has made: opens the code in its address, and says to the page around it how tall it would like to be,
// and what the review of this code is. What the reader writes is nobody else's business: after "Edit a copy" no review goes out.
import { isLink, reviewed, shared } from "./page.js";
import { state } from "./plain.js";

const NAME = "gopeer-review";
const SOON = 50;

/** Makes a link of code that is in the address as it is. Where none can be made, the page says that it cannot open this one. */
export async function link(plain) {
  const bytes = state(plain.get("file"), plain.get("code"), plain.get("persona"));
  const packed = await gopeer.loadCodec().then((codec) => codec.pack(bytes)).catch(() => undefined);
  if (packed) history.replaceState(history.state, "", `#${packed}`);
}

/** Pixels from the top of a scrolling box to the end of the last of `parts`; none where the box is not shown. */
function extent(box, parts) {
  const last = [...(parts ?? [])].filter((part) => part.getClientRects().length > 0).pop();
  if (!box || !last) return 0;
  return last.getBoundingClientRect().bottom - box.getBoundingClientRect().top + box.scrollTop;
}

/** The height at which code and findings show without scrolling; none before there is anything. */
function height() {
  const SPACE = 16;
  const scroller = document.getElementById("editor")?.shadowRoot?.querySelector(".cm-scroller");
  const pane = document.querySelector(".review-pane");
  const panes = [[scroller, scroller?.querySelectorAll(".cm-line")], [pane, pane?.querySelectorAll(".verdict, .finding")]];
  const needs = panes.map(([box, parts]) => ({ box, needed: extent(box, parts) })).filter(({ needed }) => needed > 0);
  return Math.ceil(Math.max(0, ...needs.map(({ box, needed }) => innerHeight - box.clientHeight + needed + SPACE)));
}

/** The review that is drawn, as the package's `Review` type has it. */
async function read(message) {
  const report = await gopeer.loadReport();
  const { shared: _, ...review } = JSON.parse(report.render("json", message, shared(""), "[]", ""));
  return review;
}

const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

function tell(port) {
  const given = location.hash;
  const isGiven = () => isLink() && given && location.hash === given;
  let [tall, last, due] = [0, new Uint8Array(), false];
  async function look() {
    due = false;
    const now = height();
    if (now > 0 && now !== tall) port.postMessage({ height: (tall = now) });
    const message = isGiven() ? reviewed() : [];
    if (message.length === 0 || same(message, last)) return;
    // What makes the exports comes with the engine's first word, or a little later.
    if (!gopeer.loadReport) return later();
    last = message;
    const review = await read(message).catch(() => undefined);
    if (review && isGiven() && same(message, last)) port.postMessage({ review });
  }
  // By a timer: a frame that is not in view has no animation frames.
  const later = () => {
    if (!due) setTimeout(look, SOON);
    due = true;
  };
  new MutationObserver(later).observe(document.getElementById("page"), { subtree: true, childList: true, attributes: true });
  addEventListener("resize", later);
  later();
}

/** Says that the frame is there, and answers the page around it on the line that it gives. */
export function answer() {
  addEventListener("message", ({ source, data, ports: [port] }) => {
    if (source === parent && data === NAME && port) tell(port);
  });
  parent.postMessage(NAME, "*");
}
