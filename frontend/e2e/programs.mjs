// Starts the real programs in a folder of their own, and ends them the hard way.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const bin = {
  ctl: process.env.FIELDPAYCTL ?? "../build/bin/fieldpayctl",
  bff: process.env.FIELDPAY_BFF ?? "../build/bin/fieldpay-bff",
};

/** A folder for one story, with the environment that keeps the programs inside it. */
export async function newPlace() {
  const folder = await mkdtemp(join(tmpdir(), "fieldpay-e2e-"));
  const passphrase = join(folder, "passphrase");
  await writeFile(passphrase, "a passphrase for this story only\n", { mode: 0o600 });
  const env = { PATH: process.env.PATH, HOME: folder, FIELDPAY_PASSPHRASE_FILE: passphrase };
  return { folder, env, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Starts a program and reads its lines until one of them tells that it is ready. */
async function start(program, args, env, read) {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  const lines = [];
  const ready = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        const found = read(line);
        if (found) resolve(found);
      });
    }
  });
  const failed = Promise.race([ended, once(child, "error")]).then(() => {
    throw new Error(`${program} ended before it was ready:\n${lines.join("\n")}`);
  });
  const address = await Promise.race([ready, failed]);
  failed.catch(() => undefined);
  const end = async (signal) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return { address, kill: () => end("SIGKILL"), stop: () => end("SIGTERM"), lines };
}

function readyUrl(line) {
  try {
    const entry = JSON.parse(line);
    return entry.message === "ready" ? entry.url : undefined;
  } catch {
    return undefined;
  }
}

/** The server, with its sandbox of Salesforce and Stripe. */
export function startBff(place, listen = "127.0.0.1:0") {
  const env = { ...place.env, FIELDPAY_BFF_LISTEN: listen, FIELDPAY_BFF_DATA_DIR: join(place.folder, "bff") };
  return start(bin.bff, ["serve"], env, readyUrl);
}

/** The app's screens in a browser. */
export function startApp(place, bffUrl) {
  const args = ["--data-dir", join(place.folder, "device"), "--bff", bffUrl, "serve", "--listen", "127.0.0.1:0"];
  return start(bin.ctl, args, place.env, (line) => /https?:\/\/\S+/.exec(line)?.[0]);
}
