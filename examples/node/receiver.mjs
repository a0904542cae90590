// A webhook receiver: takes events whose signature is right, refuses the rest.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const OLDEST_SECONDS = 300;

/** Whether `header` (`t=…,v1=…`) signs this request with `secret`, and lately. */
export function isGenuine({ header, secret, method, path, body, now = Date.now() / 1000 }) {
  const { t, v1 } = Object.fromEntries((header ?? "").split(",").map((part) => part.split("=")));
  if (t === undefined || v1 === undefined || Math.abs(now - Number(t)) > OLDEST_SECONDS) return false;
  const expected = createHmac("sha256", secret).update(`${t}\n${method}\n${path}\n`).update(body).digest();
  const given = Buffer.from(v1, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** A server that answers 204 to genuine events and hands them to `onEvent`. `secret()` is the endpoint's. */
export function receiver({ secret, onEvent }) {
  return createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    const header = request.headers["x-thunderphone-signature-v2"];
    if (!isGenuine({ header, secret: secret(), method: request.method, path: request.url, body })) {
      response.writeHead(401).end();
      return;
    }
    onEvent(JSON.parse(body));
    response.writeHead(204).end();
  });
}

// As a program: register an endpoint for this receiver, and print what arrives.
if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { ThunderPhone } = await import("./calls.mjs");
  const { MOCKSERVER_URL = "http://127.0.0.1:8675", API_KEY = "sk_test_demo" } = process.env;
  const { RECEIVER_PORT = "9000", RECEIVER_HOST = "127.0.0.1" } = process.env;
  let secret = "";
  const server = receiver({ secret: () => secret, onEvent: (event) => console.log(JSON.stringify(event)) });
  server.listen(Number(RECEIVER_PORT), async () => {
    const api = new ThunderPhone(MOCKSERVER_URL, API_KEY);
    const url = `http://${RECEIVER_HOST}:${server.address().port}/hooks`;
    ({ secret } = await api.send("POST", "/v1/developer/webhook-endpoints", { label: "Example", url }));
    console.log(`events are received at ${url}`);
  });
  process.on("SIGTERM", () => server.close());
}
