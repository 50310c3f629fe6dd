// Runs forge, the binary that npm installed for this platform, without the shim that its package puts before it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const name = `forge-${platform()}-${{ x64: "amd64", arm64: "arm64" }[arch()]}`;
const binary = join(root, "node_modules", "@foundry-rs", name, "bin", "forge");
if (!existsSync(binary)) {
  console.error(`expected forge at ${binary}, found none: run npm ci`);
  process.exit(1);
}
const run = spawnSync(binary, process.argv.slice(2), { cwd: root, stdio: "inherit" });
process.exit(run.status ?? 1);
