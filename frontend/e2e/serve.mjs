// Serves a built folder on loopback the way the hosts do: the nonce filled in, nothing else.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import { extname, join, normalize } from "node:path";

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".woff2": "font/woff2",
};

/** Starts serving; answers with the address and the way to stop. */
export async function serve(folder) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname);
    const name = path === "/" ? "/index.html" : path;
    try {
      const body = await readFile(join(folder, name));
      const nonce = randomBytes(16).toString("base64url");
      response.setHeader("content-type", types[extname(name)] ?? "application/octet-stream");
      response.end(name === "/index.html" ? body.toString().replaceAll("__CSP_NONCE__", nonce) : body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, stop: () => new Promise((resolve) => server.close(resolve)) };
}
