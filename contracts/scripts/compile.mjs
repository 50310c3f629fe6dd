// Compiles what others deploy and writes artifacts/. With --check it compares instead, and fails on a difference. Tests are not
// part of the compilation, so that a change of a test is no change of a contract.
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const solc = createRequire(import.meta.url)("solc");
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const check = process.argv.includes("--check");

/** Contracts whose artifacts are kept. */
const kept = {
  "src/verifier/DeciderVerifier.sol": "DeciderVerifier",
  "src/SlotQueue.sol": "SlotQueue",
  "src/Rollup.sol": "Rollup",
  "test/baseline/NotePool.sol": "NotePool",
  "test/tokens/Token.sol": "Token",
};

const read = (path) => readFileSync(join(root, path), "utf8");
const sources = Object.fromEntries(Object.keys(kept).map((path) => [path, { content: read(path) }]));

/** Resolves an import: remapped as foundry.toml has it, or a file of this project. */
function find(path) {
  const remapped = path.replace(/^@openzeppelin\//, "node_modules/@openzeppelin/").replace(/^solady\//, "node_modules/solady/src/");
  return existsSync(join(root, remapped)) ? { contents: read(remapped) } : { error: `${path}: not found` };
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

const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
// Warnings of libraries are theirs to answer; ours are errors.
const own = (message) => message.severity === "error" || /^(src|test)\//.test(message.sourceLocation?.file ?? "");
const messages = (output.errors ?? []).filter(own);
for (const message of messages) {
  console.error(message.formattedMessage);
}
if (messages.length > 0) {
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
