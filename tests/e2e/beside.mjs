// What is written and shown beside the code: notes on lines, findings under their lines, how strict the review is, one fix as a comment;
// and archives.
import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { clean } from "./access.mjs";
import { PHONE, dist, fits, found, open, ready, reviewed, reviewing, until } from "./browser.mjs";
import { SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

const shop = (browser, options) => reviewing(browser, SHOP, options);

/** Writes into the box under a line. */
async function write(page, text) {
  await page.locator(".line-text").waitFor();
  await page.waitForFunction(() => document.querySelector("#editor").shadowRoot.activeElement?.className === "line-text");
  await page.keyboard.type(text);
}

/** A zip archive, as its specification (APPNOTE.TXT) has it. */
function zipped(files) {
  const crc = (bytes) => {
    let value = ~0;
    for (const byte of bytes) {
      value ^= byte;
      for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
    }
    return ~value >>> 0;
  };
  const parts = [], list = [];
  let offset = 0;
  for (const [name, text] of files) {
    const [bytes, path] = [Buffer.from(text), Buffer.from(name)];
    const packed = deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(path.length, 22);
    parts.push(Buffer.from("PK\x03\x04"), common, path, packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    list.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), common, tail, path]));
    offset += 30 + path.length + packed.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}

export default [
  ["a note on a line by keyboard: kept, moved with its line, in the list and in a link", async (browser) => {
    const page = await shop(browser);
    await page.locator(".cm-line", { hasText: "type Shop" }).click();
    await page.keyboard.press("Control+Alt+m");
    await write(page, "Who closes db?");
    await clean(page, "a note is being written");
    await page.keyboard.press("Control+Enter");
    await page.locator(".line-note", { hasText: "Who closes db?" }).waitFor();
    await page.locator("gopeer-notes .where", { hasText: "main.go:12" }).waitFor();
    assert.ok(await page.evaluate(() => document.activeElement.id === "editor"), "the code has the focus again");
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("// Shop.\n");
    await page.locator("gopeer-notes .where", { hasText: "main.go:13" }).waitFor();
    await clean(page, "a note");
    await page.waitForTimeout(700);
    await page.reload();
    await ready(page);
    await found(page);
    await page.locator(".line-note", { hasText: "Who closes db?" }).waitFor();
    await page.locator(".top .button", { hasText: "Share" }).click();
    const link = await page.locator("gopeer-share input.field").inputValue();
    const reader = await open(browser, link);
    await found(reader);
    await reader.locator(".line-note", { hasText: "Who closes db?" }).waitFor();
    assert.equal(await reader.locator(".line-button").count(), 0, "a reader changes nothing");
    await page.keyboard.press("Escape");
    await page.locator(".line-note .line-button", { hasText: "Change" }).click();
    await page.locator(".line-actions .line-button", { hasText: "Delete" }).click();
    await page.locator("gopeer-notes").waitFor({ state: "detached" });
    assert.equal(await page.locator(".line-note").count(), 0);
    assert.deepEqual(await page.evaluate(() => violations), []);
    assert.deepEqual(page.problems, []);
    page.server.close();
  }],
  ["a note by a tap on a line's number, on a phone", async (browser) => {
    const page = await shop(browser, { viewport: PHONE, hasTouch: true });
    await page.locator(".phone-tab").nth(0).tap();
    await page.locator(".cm-lineNumbers .cm-gutterElement", { hasText: /^12$/ }).tap();
    await write(page, "Why?");
    await page.locator(".line-actions .line-button", { hasText: "Save note" }).tap();
    await page.locator(".line-note", { hasText: "Why?" }).waitFor();
    await fits(page);
    await page.locator(".phone-tab").nth(1).tap();
    await page.locator("gopeer-notes .where").tap();
    await page.locator(".line-note").waitFor();
    await clean(page, "a note on a phone");
    page.server.close();
  }],
  ["findings are shown under their lines on demand, and lead to their cards", async (browser) => {
    const page = await shop(browser);
    assert.equal(await page.locator(".line-said").count(), 0);
    await page.locator(".lines-button").click();
    await page.locator(".line-said").first().waitFor();
    const shown = await page.locator(".finding").count();
    assert.ok(await page.locator(".line-said").count() >= Math.min(shown, 3));
    await clean(page, "findings under their lines");
    await page.locator(".line-said").last().click();
    await page.locator(".finding.is-selected").waitFor();
    await page.reload();
    await ready(page);
    await found(page);
    await page.locator(".line-said").first().waitFor();
    await page.locator(".lines-button").click();
    await page.locator(".line-said").first().waitFor({ state: "detached" });
    assert.deepEqual(page.problems, []);
    page.server.close();
  }],
  ["strictness: quiet shows what is severe, and the link says so", async (browser) => {
    const page = await shop(browser);
    await page.locator("gopeer-filter summary").click();
    await page.locator(".filter-field", { hasText: "Strictness" }).locator("select").selectOption("quiet");
    await page.waitForFunction(() => [...document.querySelectorAll(".finding")].every((card) => /sev-(critical|high)/.test(card.className)));
    await page.locator(".top .button", { hasText: "Share" }).click();
    const reader = await open(browser, await page.locator("gopeer-share input.field").inputValue());
    await found(reader);
    assert.equal(await reader.locator(".filter-field", { hasText: "Strictness" }).locator("select").inputValue(), "quiet");
    page.server.close();
  }],
  ["one fix is copied as a comment for a code host", async (browser) => {
    const page = await shop(browser, { permissions: ["clipboard-read", "clipboard-write"] });
    const card = page.locator(".finding[data-rule='errors/direct-comparison']");
    await card.locator(".disclose").click();
    await card.locator("gopeer-suggest button", { hasText: "GitHub" }).first().click();
    await card.locator("gopeer-suggest .said", { hasText: /Copied\. Paste it as a comment on main\.go, lines? \d+/ }).first().waitFor();
    const comment = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(comment, /\n```suggestion\n.*\n```/s);
    assert.doesNotMatch(comment, /^###/m);
    await card.locator("gopeer-suggest button", { hasText: "GitLab" }).first().click();
    await until(page, async () => /```suggestion:-0\+\d/.test(await navigator.clipboard.readText()));
    await clean(page, "a fix to copy");
    assert.deepEqual(page.problems, []);
    page.server.close();
  }],
  ["a zip archive opens as the folder in it", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url);
    await ready(page);
    await page.waitForFunction(() => globalThis.gopeer.loadArchive);
    const archive = zipped([["shop-main/shop.go", SHOP], ["shop-main/cmd/main.go", "package main\n\nfunc main() {}\n"], ["shop-main/README.md", "# Shop\n"]]);
    await page.locator(".top .button", { hasText: "Open" }).click();
    await page.locator("input[type=file]:not([webkitdirectory])").first().setInputFiles({ name: "shop.zip", mimeType: "application/zip", buffer: archive });
    await found(page);
    assert.deepEqual((await page.locator(".tab-name").allTextContents()).map((name) => name.replace(/\d+$/, "")), ["shop.go", "cmd/main.go"]);
    assert.equal(await page.locator("dialog[open]").count(), 0);
    const data = await page.evaluateHandle((bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], "broken.zip"));
      return data;
    }, [...archive.subarray(0, 90)]);
    await page.locator(".code-body").dispatchEvent("drop", { dataTransfer: data });
    await page.locator(".toast", { hasText: "broken.zip could not be unpacked" }).waitFor();
    await reviewed(page);
    assert.deepEqual(page.problems, []);
    server.close();
  }],
];
