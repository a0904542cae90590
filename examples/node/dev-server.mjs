// What stands for a front end's dev server: serves web/ and calls.mjs, and tells the page where the API is.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const { PORT = "5173", MOCKSERVER_URL = "http://127.0.0.1:8675", API_KEY = "sk_test_demo" } = process.env;

const FILES = {
  "/": ["web/index.html", "text/html; charset=utf-8"],
  "/page.mjs": ["web/page.mjs", "text/javascript"],
  "/calls.mjs": ["calls.mjs", "text/javascript"],
  "/wait.mjs": ["wait.mjs", "text/javascript"],
};

const server = createServer(async (request, response) => {
  const path = new URL(request.url, "http://localhost").pathname;
  if (path === "/config.json") {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ baseUrl: MOCKSERVER_URL, apiKey: API_KEY }));
  } else if (path in FILES) {
    const [file, type] = FILES[path];
    response.setHeader("Content-Type", type);
    response.end(await readFile(new URL(file, import.meta.url)));
  } else {
    response.writeHead(404).end();
  }
});

server.listen(Number(PORT), () => console.log(`http://127.0.0.1:${server.address().port}`));
process.on("SIGTERM", () => server.close());
