// One fix as a comment that a code host can apply by a click.
import { make } from "./make.js";
import { byHand, copied } from "./out.js";
import { reviewed, shared } from "./page.js";

const HOSTS = [["github", "GitHub"], ["gitlab", "GitLab"]];
const LOST = "The code that makes comments could not be loaded. Check the network connection and try again.";

export function draw(host) {
  const said = make("span", { className: "said muted" });
  said.setAttribute("role", "status");
  const place = make("div");
  const copy = (id, name) => async () => {
    place.replaceChildren();
    try {
      const report = await gopeer.loadReport();
      const [lines, ...rest] = report.suggestion(id, reviewed(), shared(""), host.getAttribute("finding"), Number(host.getAttribute("fix"))).split("\n");
      const comment = rest.join("\n");
      const where = lines === "" ? "These are several comments, each under the lines that it belongs on." : `Paste it as a comment on ${lines.replaceAll("`", "")}.`;
      if (await copied(comment)) said.textContent = `Copied. ${where}`;
      else {
        said.textContent = `The browser does not allow copying. Copy the comment below by hand. ${where}`;
        place.replaceChildren(byHand(comment, `Comment for ${name}`));
      }
    } catch (error) {
      said.textContent = typeof error === "string" ? error : LOST;
    }
  };
  const button = ([id, name]) => make("button", { type: "button", className: "link-button", textContent: name, ariaLabel: `Copy the fix as a suggestion for ${name}`, onclick: copy(id, name) });
  host.replaceChildren(make("span", { className: "muted", textContent: "Copy for " }), button(HOSTS[0]), make("span", { className: "muted", textContent: " or " }), button(HOSTS[1]), said, place);
}
