// Paths as evidence: a finding shows the steps on which it happens, and each leads to its line.
import assert from "node:assert/strict";
import { clean } from "./access.mjs";
import { dist, open, paste, ready, reviewed } from "./browser.mjs";
import { serve } from "./server.mjs";

const LOST = `package store

import (
	"context"
	"time"
)

func load(ctx context.Context, slow bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	if slow {
		return ctx.Err()
	}
	cancel()
	return nil
}
`;

export default [
  ["paths: each step leads to its line, by keyboard too", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url);
    await ready(page);
    await paste(page, LOST);
    await reviewed(page);
    const steps = page.locator('.finding[data-rule="context/lost-cancel"] .path li');
    assert.deepEqual(
      (await steps.allTextContents()).map((text) => text.trim()),
      [
        "cancel is created here. main.go:9",
        "slow is true. main.go:10",
        "The function returns without calling cancel. main.go:11",
      ],
    );
    await steps.nth(2).locator("button").click();
    await page.locator("#editor .cm-activeLine", { hasText: "return ctx.Err()" }).waitFor();
    await steps.nth(1).locator("button").focus();
    await page.keyboard.press("Enter");
    await page.locator("#editor .cm-activeLine", { hasText: "if slow" }).waitFor();
    await clean(page, "a path");
    assert.deepEqual(page.problems, []);
    server.close();
  }],
];
