// What an application does with the API: place a call, follow it to its end, play what was recorded.
// It runs in Node and in a browser alike.

import { wait } from "./wait.mjs";

/** A refusal of the API: `status`, and what the body says. */
export class Refused extends Error {
  constructor(status, body) {
    super(body?.detail ?? JSON.stringify(body));
    this.status = status;
    this.body = body;
  }
}

/** The API at `baseUrl` as the organization that `apiKey` belongs to. */
export class ThunderPhone {
  constructor(baseUrl, apiKey) {
    this.baseUrl = baseUrl.replace(/\/$/, "");
    this.apiKey = apiKey;
  }

  /** The JSON of a reply, or null of an empty one. Throws Refused for every status that is not 2xx. */
  async send(method, path, body) {
    const reply = await fetch(this.baseUrl + path, {
      method,
      headers: {
        Authorization: `Bearer ${this.apiKey}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await reply.text();
    const said = text === "" ? null : JSON.parse(text);
    if (!reply.ok) throw new Refused(reply.status, said);
    return said;
  }

  /** Call `toNumber` from the first number that may call out; the call's id. */
  async placeCall(toNumber) {
    const numbers = await this.send("GET", "/v1/phone-numbers");
    const ours = numbers.find((each) => each.voip_verification_status === "verified");
    if (ours === undefined) throw new Error("No number of this organization may call out.");
    const placed = await this.send("POST", "/v1/call", {
      from_number: ours.number,
      to_number: toNumber,
      agent_id: ours.outbound_agent_id,
    });
    return placed.call_id;
  }

  /** Read a call until it is over, `seen` being told of each reading; the call as it ended. */
  async follow(callId, { everyMs = 1000, readings = 600, seen = () => {} } = {}) {
    for (let reading = 0; reading < readings; reading += 1) {
      const call = await this.send("GET", `/v1/calls/${callId}`);
      seen(call);
      if (call.status !== "in_progress") return call;
      await wait(everyMs);
    }
    throw new Error(`Call ${callId} is still in progress after ${readings} readings.`);
  }

  /** A URL that plays the recording, for a few minutes. Recordings come a little after the end of a call. */
  async recordingUrl(callId, { everyMs = 1000, readings = 60 } = {}) {
    for (let reading = 0; ; reading += 1) {
      try {
        return (await this.send("GET", `/v1/calls/${callId}/audio`)).url;
      } catch (error) {
        if (error.status !== 404 || reading >= readings) throw error;
        await wait(everyMs);
        await this.send("GET", `/v1/calls/${callId}`);
      }
    }
  }
}
