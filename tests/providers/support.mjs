// What the tests in JavaScript share: the resource server as a process, and free ports.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export { sleep };

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts the resource server with this environment, and waits until it answers. */
export async function startResourceServer(environment) {
  const port = await freePort();
  const child = spawn(process.env.RESOURCE_SERVER, {
    env: { PATH: process.env.PATH, RUST_LOG: process.env.RUST_LOG ?? "warn", ...environment, PORT: String(port), UNTIL_END_OF_INPUT: "1" },
    stdio: ["pipe", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (data) => (log += data));
  const origin = `http://localhost:${port}`;
  for (let attempt = 0; ; attempt += 1) {
    const isUp = await fetch(`${origin}/health`).then((response) => response.ok, () => false);
    if (isUp) break;
    if (attempt === 100 || child.exitCode !== null) throw new Error(`the resource server does not start: ${log}`);
    await sleep(50);
  }
  return { origin, resource: `${origin}/api`, log: () => log, stop: () => child.kill() };
}
