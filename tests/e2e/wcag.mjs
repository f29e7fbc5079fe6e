// What docs/accessibility.md claims besides what axe can see: WCAG 2.2 AA by criteria.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { axe } from "./access.mjs";
import { dist, found, open, paste, ready, reviewing, root } from "./browser.mjs";
import { SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

/** A desktop at 200 %, and what is left of it at 400 %: WCAG's 320 by 256 CSS pixels, here a little taller. */
const ZOOMED = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 };
const NARROW = { viewport: { width: 320, height: 512 } };

/** The views of the page, each with what brings it up; the page has SHOP and its review. */
const VIEWS = {
  review: async () => {},
  details: async (page) => {
    await page.locator(".disclose").first().click();
    await page.locator(".details .example").first().waitFor();
  },
  share: async (page) => {
    await page.locator(".top .primary").click();
    await page.waitForFunction(() => /#v2/.test(document.querySelector("dialog .field")?.value ?? ""));
  },
  help: (page) => page.locator(".top .help-button").click(),
  open: (page) => page.locator(".top .button[aria-label=Open], .top .button:has-text('Open')").first().click(),
};

/** Goes through the views, and calls `look` in each. */
async function through(browser, options, look) {
  const server = await serve(dist);
  const page = await open(browser, server.url, options);
  await page.locator(".sample").first().waitFor();
  const code = page.locator(".phone-tab").nth(0);
  if (await code.isVisible()) await code.click();
  await ready(page);
  await paste(page, SHOP);
  const findings = page.locator(".phone-tab").nth(1);
  if (await findings.isVisible()) await findings.click();
  await found(page);
  for (const [name, show] of Object.entries(VIEWS)) {
    await show(page);
    await look(page, name);
    if (await page.locator("dialog").count()) {
      await page.keyboard.press("Escape");
      await page.locator("dialog").waitFor({ state: "detached" });
    }
  }
  for (const name of ["rules.html", "privacy.html", "workshop.html"]) {
    await page.goto(`${server.url}${name}`);
    await page.locator("h1").first().waitFor();
    await look(page, name);
  }
  server.close();
}

/** Controls whose text is cut off, and boxes that stick out to the right. */
const cut = () => {
  const visible = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
  const clips = (element) => ["hidden", "clip"].includes(getComputedStyle(element).overflowX) && getComputedStyle(element).textOverflow !== "ellipsis";
  const name = (element) => `${element.localName}.${element.className} ${element.textContent.trim().slice(0, 30)}`;
  const controls = [...document.querySelectorAll("button, a, summary, label, h1, h2, h3, p")].filter((element) => visible(element) && !element.closest(".visually-hidden"));
  const short = controls.filter((element) => clips(element) && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1));
  const scrolls = (element) => element && element !== document.body && (["auto", "scroll"].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  const out = controls.filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !scrolls(element));
  const wide = document.documentElement.scrollWidth > innerWidth ? [`the page is ${document.documentElement.scrollWidth} wide`] : [];
  return [...wide, ...short.map((element) => `cut off: ${name(element)}`), ...out.map((element) => `out of sight: ${name(element)}`)];
};

export default [
  ["wcag 1.4.4, 1.4.10: at 200 % and at 320 CSS pixels nothing is cut off and nothing scrolls sideways", async (browser) => {
    for (const [size, options] of Object.entries({ "200 %": ZOOMED, "320 px": NARROW })) {
      await through(browser, options, async (page, name) => assert.deepEqual(await page.evaluate(cut), [], `${name} at ${size}`));
    }
  }],
  ["wcag 1.4.12: with wider spacing of text nothing is cut off", async (browser) => {
    await through(browser, {}, async (page, name) => {
      await page.evaluate(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }");
        document.adoptedStyleSheets = [sheet];
      });
      assert.deepEqual(await page.evaluate(cut), [], name);
      await page.evaluate(() => { document.adoptedStyleSheets = []; });
    });
  }],
  ["wcag 2.5.8 and axe's rules for WCAG 2.2: targets are large enough", async (browser) => {
    await through(browser, {}, async (page, name) => {
      await page.evaluate(axe);
      const found = await page.evaluate(() => globalThis.axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], rules: { "target-size": { enabled: true } }, resultTypes: ["violations"],
      }));
      assert.deepEqual(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join("; ")}`), [], name);
    });
  }],
  ["wcag 2.3.3: nothing moves for those who want less motion", async (browser) => {
    const moving = () => document.getAnimations().map(({ effect, animationName, transitionProperty }) =>
      [animationName ?? transitionProperty, effect.getComputedTiming().activeDuration]).filter(([, duration]) => duration > 50);
    const seen = {};
    for (const reducedMotion of ["reduce", "no-preference"]) {
      const server = await serve(dist);
      const page = await open(browser, server.url, { reducedMotion });
      await page.addInitScript(`globalThis.moved = []; setInterval(() => globalThis.moved.push(...(${moving})()), 10);`);
      await page.reload();
      await ready(page);
      await paste(page, SHOP);
      await found(page);
      await page.locator(".finding", { has: page.locator("button", { hasText: "how to fix it" }) }).first().locator(".disclose").click();
      await page.locator(".fix .button.primary").first().click();
      await page.locator(".toast").first().waitFor();
      await page.waitForTimeout(200);
      seen[reducedMotion] = await page.evaluate(() => globalThis.moved);
      server.close();
    }
    assert.deepEqual(seen.reduce, []);
    assert.ok(seen["no-preference"].length > 0, "or this would see nothing");
  }],
  ["wcag 2.1.1, 2.4.3, 2.4.7, 2.4.11: the keyboard goes through the page and back, and the focus is always to be seen", async (browser) => {
    for (const forcedColors of ["none", "active"]) {
      const server = await serve(dist);
      const page = await open(browser, server.url, { forcedColors });
      await ready(page);
      await paste(page, SHOP);
      await found(page);
      await page.locator(".top .button").first().focus();
      const focused = () => page.evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        if (!element || element === document.body) return null;
        const shown = element.matches(".visually-hidden") ? element.parentElement : element;
        const box = shown.getBoundingClientRect();
        const [x, y] = [Math.min(innerWidth - 1, Math.max(0, box.x + box.width / 2)), Math.min(innerHeight - 1, Math.max(0, box.y + Math.min(box.height, innerHeight) / 2))];
        const top = document.elementFromPoint(x, y);
        const marked = (at) => getComputedStyle(at).outlineStyle !== "none" || getComputedStyle(at).boxShadow !== "none";
        let mark = shown;
        while (mark && !marked(mark)) mark = mark.parentElement ?? mark.getRootNode().host;
        return {
          name: `${element.localName}.${element.className}`.slice(0, 60), inEditor: Boolean(element.closest(".cm-content")),
          inView: box.bottom > 0 && box.top < innerHeight, covered: !(shown.contains(top) || top?.contains(shown) || top?.shadowRoot?.contains(shown)), marked: Boolean(mark) && mark !== document.documentElement,
        };
      });
      const path = [];
      for (let step = 0; step < 150; step += 1) {
        await page.keyboard.press("Tab");
        let at = await focused();
        if (at?.inEditor) {
          path.push(at);
          await page.keyboard.press("Escape");
          await page.keyboard.press("Tab");
          at = await focused();
        }
        if (at === null) break;
        path.push(at);
      }
      assert.ok(path.length > 30 && path.length < 150, `${path.length} stops, then the end`);
      const lost = path.filter(({ inView, covered, marked }) => !inView || covered || !marked);
      assert.deepEqual(lost, [], `forced colours ${forcedColors}: ${JSON.stringify(lost)}`);
      assert.ok(path.some(({ inEditor }) => inEditor) && path.some(({ name }) => name.includes("disclose")));
      server.close();
    }
  }],
  ["wcag 2.1.1: code is pasted, reviewed, mended and shared without a mouse", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url);
    await ready(page);
    const tabTo = async (selector) => {
      for (let step = 0; step < 80; step += 1) {
        await page.keyboard.press("Tab");
        if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
      }
      throw new Error(`the keyboard does not come to ${selector}`);
    };
    await tabTo("#editor, #editor *").catch(() => page.evaluate(() => { throw new Error(document.activeElement.outerHTML); }));
    await page.evaluate((text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      document.querySelector("#editor").shadowRoot.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, SHOP);
    await found(page);
    await page.keyboard.press("Escape");
    await tabTo(".reviewers input");
    await page.keyboard.press("ArrowRight");
    await page.locator(".reviewer.is-chosen", { hasText: "Backend" }).waitFor();
    await found(page);
    do await tabTo(".disclose");
    while (!(await page.evaluate(() => document.activeElement.textContent)).includes("how to fix it"));
    await page.keyboard.press("Enter");
    await page.locator(".details .example").first().waitFor();
    const before = await page.locator(".finding").count();
    await tabTo(".fix .button.primary");
    await page.keyboard.press("Enter");
    await page.waitForFunction((before) => document.querySelectorAll(".finding").length < before, before);
    await page.evaluate(() => document.querySelector(".top .primary").focus());
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => /#v2/.test(document.querySelector("dialog .field")?.value ?? ""));
    assert.ok(await page.evaluate(() => document.querySelector("dialog").contains(document.activeElement)), "the dialog has the focus");
    server.close();
  }],
  ["wcag 1.3.1, 4.1.2: the accessibility tree has the page's parts, names and states", async (browser) => {
    const page = await reviewing(browser, SHOP);
    const tree = await page.locator("body").ariaSnapshot();
    for (const part of [
      /- banner:/, /- main:/, /- heading "gopeer" \[level=1\]/, /- textbox "[^"]+"/, /- group "[^"]*[Rr]eviewer[^"]*":/, /- radio "[^"]*Senior[^"]*" \[checked\]/,
      /- article "High [^"]*"/, /- button "main\.go:15 /, /- button "Why it matters and how to fix it"/, /- group "Filter by severity"/, /- region "Review":/, /- status: 5 findings, 2 severe/, /- heading "[^"]+" \[level=3\]/, /- contentinfo/,
    ]) assert.match(tree, part);
    await page.locator(".disclose").first().click();
    const card = await page.locator(".finding").first().ariaSnapshot();
    assert.match(card, /- button "Why it matters and how to fix it" \[expanded\]/);
    await page.locator(".top .primary").click();
    await page.waitForFunction(() => /#v2/.test(document.querySelector("dialog .field")?.value ?? ""));
    const dialog = await page.locator("dialog").ariaSnapshot();
    for (const part of [/- dialog "[^"]+"/, /- textbox "Link"/, /- button "Copy link"/]) assert.match(dialog, part);
    page.server.close();
  }],
  ["wcag: the note names tests that are there", () => {
    const note = readFileSync(join(root, "docs/accessibility.md"), "utf8");
    const here = readdirSync(join(root, "tests/e2e")).filter((name) => name.endsWith(".mjs")).map((name) => readFileSync(join(root, "tests/e2e", name), "utf8")).join("\n");
    const named = [...note.matchAll(/`((?:axe|wcag|keyboard|keys|focus|announced|cards|workshop|guide|element|example)[^`]*:[^`]*)`/g)].map(([, name]) => name);
    assert.ok(named.length > 8);
    for (const name of named) assert.ok(here.includes(`["${name}`), name);
  }],
];
