#!/usr/bin/env node
// The compiler from npm, behaving like the native one for the two calls that forge makes: --version and --standard-json.
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const modules = join(dirname(fileURLToPath(import.meta.url)), "..", "node_modules");
const args = process.argv.slice(2);

/** Writes all of a text: a pipe takes less at once, and may be full for a while. */
function print(text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

/** Loading 9 MB of wasm to learn a version that the lock file fixes is slow: it is asked once. */
function version() {
  const pinned = JSON.parse(readFileSync(join(modules, "solc", "package.json"), "utf8")).version;
  const cache = join(modules, ".cache", `solc-${pinned}.version`);
  if (!existsSync(cache)) {
    mkdirSync(dirname(cache), { recursive: true });
    writeFileSync(cache, require("solc").version());
  }
  return readFileSync(cache, "utf8");
}

/** The values of an option that may be given several times. */
function option(name) {
  return args.flatMap((arg, index) => (arg === name ? [args[index + 1]] : arg.startsWith(`${name}=`) ? [arg.slice(name.length + 1)] : []));
}

if (args.includes("--version")) {
  print(`solc, the solidity compiler commandline interface\nVersion: ${version()}\n`);
} else if (args.includes("--standard-json")) {
  const after = args[args.indexOf("--standard-json") + 1];
  const input = readFileSync(after !== undefined && !after.startsWith("-") ? after : 0, "utf8");
  const folders = [...option("--base-path"), ...option("--include-path"), "."];
  const find = (path) => {
    const found = folders.map((folder) => resolve(folder, path)).find((file) => existsSync(file));
    return found === undefined ? { error: `${path}: not found` } : { contents: readFileSync(found, "utf8") };
  };
  print(require("solc").compile(input, { import: find }));
} else {
  console.error(`expected --version or --standard-json, got ${args.join(" ")}`);
  process.exit(1);
}
