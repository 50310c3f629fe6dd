// Compiles every contract under src/ and writes artifacts/. With --check it compares instead, and fails on a difference.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const solc = createRequire(import.meta.url)("solc");
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const check = process.argv.includes("--check");

/** Contracts whose artifacts are kept. */
const kept = { "src/verifier/DeciderVerifier.sol": "DeciderVerifier" };

const sources = {};
for (const entry of readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && entry.name.endsWith(".sol")) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    sources[relative(root, path)] = { content: readFileSync(path, "utf8") };
  }
}

const input = {
  language: "Solidity",
  sources,
  settings: {
    viaIR: true,
    evmVersion: "osaka",
    optimizer: { enabled: true, runs: 10000 },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
  },
};

const output = JSON.parse(solc.compile(JSON.stringify(input)));
for (const message of output.errors ?? []) {
  console.error(message.formattedMessage);
}
if ((output.errors ?? []).length > 0) {
  process.exit(1);
}

let stale = false;
mkdirSync(join(root, "artifacts"), { recursive: true });
for (const [source, name] of Object.entries(kept)) {
  const contract = output.contracts[source][name];
  const artifact = {
    name,
    compiler: solc.version(),
    abi: contract.abi,
    bytecode: `0x${contract.evm.bytecode.object}`,
    deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
  };
  const text = `${JSON.stringify(artifact, null, 2)}\n`;
  const path = join(root, "artifacts", `${name}.json`);
  const size = contract.evm.deployedBytecode.object.length / 2;
  if (!check) {
    writeFileSync(path, text);
    console.log(`${name}: ${size} bytes of code`);
  } else if (readFileSync(path, "utf8") !== text) {
    console.error(`${relative(root, path)}: expected the artifact of the sources, got another; run npm run build`);
    stale = true;
  } else {
    console.log(`${name}: artifact is that of the sources, ${size} bytes of code`);
  }
}
process.exit(stale ? 1 : 0);
