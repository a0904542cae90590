// Against a running mock:  mockserver serve --pace poll   and then   npm test
// Each test has an API key of its own, so each has an organization of its own.

import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { before, test } from "node:test";

import { Refused, ThunderPhone } from "../calls.mjs";
import { isGenuine, receiver } from "../receiver.mjs";

const { MOCKSERVER_URL = "http://127.0.0.1:8675" } = process.env;
const quickly = { everyMs: 1 };

const organization = () => new ThunderPhone(MOCKSERVER_URL, `sk_test_${randomUUID()}`);

before(async () => {
  const health = await (await fetch(`${MOCKSERVER_URL}/_mock/health`)).json();
  assert.equal(health.pace, "poll", "start the mock with --pace poll, so that polling moves time");
});

test("a call is placed, followed to its end, and its recording plays", async () => {
  const api = organization();
  const callId = await api.placeCall("+14155550003");
  const statuses = [];
  const call = await api.follow(callId, { ...quickly, seen: ({ status }) => statuses.push(status) });
  assert.equal(statuses[0], "in_progress");
  assert.equal(call.status, "completed");
  assert.equal(call.duration_seconds, Math.floor((Date.parse(call.end_time) - Date.parse(call.start_time)) / 1000));

  const recording = await fetch(await api.recordingUrl(callId, quickly));
  assert.equal(recording.status, 200);
  assert.equal(recording.headers.get("content-type"), "audio/mpeg");
  const sound = new Uint8Array(await recording.arrayBuffer());
  assert.deepEqual([sound[0], sound[1] & 0xe0], [0xff, 0xe0], "an MP3 frame begins");

  const middle = await fetch(recording.url, { headers: { Range: "bytes=1000-1999" } });
  assert.equal(middle.status, 206, "a player may seek");
  assert.deepEqual(new Uint8Array(await middle.arrayBuffer()), sound.slice(1000, 2000));
});

test("a busy line is a failed call", async () => {
  const api = organization();
  const call = await api.follow(await api.placeCall("+14155550001"), quickly);
  assert.equal(call.status, "failed");
});

test("the end of a call arrives as a webhook that is signed", async (t) => {
  const api = organization();
  let secret = "";
  const events = [];
  const server = receiver({ secret: () => secret, onEvent: (event) => events.push(event) });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}/hooks?shop=7`;
  ({ secret } = await api.send("POST", "/v1/developer/webhook-endpoints", { label: "Test", url }));

  const callId = await api.placeCall("+14155550003");
  await api.follow(callId, quickly);
  await api.send("POST", "/_mock/clock/settle"); // what is on its way has arrived when this returns
  const ours = events.filter((event) => event.data.call_id === callId).map((event) => event.type);
  assert.ok(ours.includes("telephony.complete"), `of this call arrived: ${ours}`);
  const deliveries = await api.send("GET", "/_mock/deliveries");
  assert.ok(deliveries.every((each) => each.status === "delivered"));
});

test("what is forged, changed or old is no event", () => {
  const signature = createHmac("sha256", "whsec_x").update("1000\nPOST\n/hooks\n{}").digest("hex");
  const genuine = { secret: "whsec_x", method: "POST", path: "/hooks", body: "{}", header: `t=1000,v1=${signature}` };
  assert.equal(isGenuine({ ...genuine, now: 1001 }), true);
  assert.equal(isGenuine({ ...genuine, now: 2000 }), false, "old");
  assert.equal(isGenuine({ ...genuine, now: 1001, body: "[]" }), false, "changed");
  assert.equal(isGenuine({ ...genuine, now: 1001, secret: "whsec_y" }), false, "forged");
  assert.equal(isGenuine({ ...genuine, now: 1001, header: undefined }), false, "not signed");
});

test("failures are switched on, and off again", async () => {
  const api = organization();
  await api.send("POST", "/_mock/faults", { operation: "calls_list", status: 503 });
  await assert.rejects(api.send("GET", "/v1/calls"), (error) => error instanceof Refused && error.status === 503);
  await api.send("DELETE", "/_mock/faults");
  assert.equal((await api.send("GET", "/v1/calls?limit=1")).results.length, 1);
});
