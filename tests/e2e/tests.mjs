// All browser tests, in order: `[name, run]`, or `[name, run, ALONE]` for one that counts time.
import budgets from "./budgets.mjs";
import changes from "./changes.mjs";
import beside from "./beside.mjs";
import config from "./config.mjs";
import element from "./element.mjs";
import embed from "./embed.mjs";
import engines from "./engines.mjs";
import examples from "./examples.mjs";
import flow from "./flow.mjs";
import guide from "./guide.mjs";
import hosting from "./hosting.mjs";
import manners from "./manners.mjs";
import links from "./links.mjs";
import npm from "./npm.mjs";
import offline from "./offline.mjs";
import own from "./own.mjs";
import names from "./names.mjs";
import pages from "./pages.mjs";
import paths from "./paths.mjs";
import rehearsal from "./rehearsal.mjs";
import review from "./review.mjs";
import robust from "./robust.mjs";
import stage from "./stage.mjs";
import talk from "./talk.mjs";
import wcag from "./wcag.mjs";
import workshop from "./workshop.mjs";
import access from "./access.mjs";

export default [
  // The longest first, so that nothing is waited for at the end.
  ...rehearsal,
  ...budgets,
  ...beside,
  ...changes,
  ...config,
  ...element,
  ...embed,
  ...engines,
  ...examples,
  ...flow,
  ...guide,
  ...hosting,
  ...links,
  ...manners,
  ...names,
  ...npm,
  ...offline,
  ...own,
  ...pages,
  ...paths,
  ...review,
  ...robust,
  ...stage,
  ...talk,
  ...access,
  ...wcag,
  ...workshop,
];
