import { ThunderPhone } from "/calls.mjs";

const { baseUrl, apiKey } = await (await fetch("/config.json")).json();
const api = new ThunderPhone(baseUrl, apiKey);
const rows = document.querySelector("#calls");
const problem = document.querySelector("#problem");

/** Do something, and show what went wrong with it. */
async function trying(action) {
  problem.textContent = "";
  try {
    await action();
  } catch (error) {
    problem.textContent = `${error.status ?? "No answer"}: ${error.message}`;
  }
}

function row(call) {
  const line = document.createElement("tr");
  const audio = document.createElement("audio");
  audio.controls = true;
  audio.preload = "none";
  for (const text of [call.to_number, call.status, call.duration_seconds ?? "…"]) {
    line.insertCell().textContent = text;
  }
  line.insertCell().append(call.recording_url === null ? "" : audio);
  if (call.recording_url !== null) api.recordingUrl(call.call_id).then((url) => (audio.src = url));
  return line;
}

async function show() {
  const page = await api.send("GET", "/v1/calls?limit=5");
  rows.replaceChildren(...page.results.map(row));
}

document.querySelector("#place").addEventListener("submit", (event) => {
  event.preventDefault();
  const number = new FormData(event.target).get("to");
  trying(async () => {
    const callId = await api.placeCall(number);
    await show();
    await api.follow(callId);
    await show();
  });
});

for (const button of document.querySelectorAll("[data-fault]")) {
  button.addEventListener("click", () =>
    trying(async () => {
      await api.send("DELETE", "/_mock/faults");
      const { fault } = button.dataset;
      if (fault) await api.send("POST", "/_mock/faults", { operation: "*", ...JSON.parse(fault) });
      await show();
    }),
  );
}

await trying(show);
