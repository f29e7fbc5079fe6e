// A small repository with a change in it: what docs/ci.md shows, and what the tests of ci/ review.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const MOD = "module example.com/shop\n\ngo 1.26\n";

const BEFORE = `package shop

import (
	"context"
	"database/sql"
	"time"
)

// Orders reads orders.
type Orders struct {
	db *sql.DB
}

// Count says how many orders a customer has.
func (o *Orders) Count(ctx context.Context, customer string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 2)
	defer cancel()
	var n int
	err := o.db.QueryRowContext(ctx, "SELECT count(*) FROM orders WHERE customer = ?", customer).Scan(&n)
	return n, err
}

// Wait gives the database a moment.
func Wait() {
	time.Sleep(time.Second)
}
`;

const AFTER = `
// Open lists the open orders of a customer.
func (o *Orders) Open(ctx context.Context, customer string) ([]string, error) {
	rows, err := o.db.QueryContext(ctx, "SELECT id FROM orders WHERE customer = '"+customer+"'")
	if err != nil {
		return nil, err
	}
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
`;

/** Runs git in a folder, whatever this user has configured. */
export function git(folder, ...args) {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  for (const name of Object.keys(env)) if (/^GIT_(DIR|WORK_TREE|INDEX_FILE)$/.test(name)) delete env[name];
  const who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false"];
  return execFileSync("git", ["-C", folder, ...who, ...args], { encoding: "utf8", env }).trim();
}

export function write(folder, name, text) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** The repository in its first state, committed on `main`. */
export function shop(folder) {
  write(folder, "go.mod", MOD);
  write(folder, "orders.go", BEFORE);
  git(folder, "init", "--quiet", "--initial-branch=main");
  git(folder, "add", ".");
  git(folder, "commit", "--quiet", "--message", "Orders");
}

/** The change, not committed. */
export function change(folder) {
  write(folder, "orders.go", BEFORE + AFTER);
}
