// Stands before a provider and tells Terraform of the types alone that are used: node provider_front.mjs CONFIGURATION
//
// All else, every call that plans, reads or changes anything, is the provider's to answer, which is started for the
// first of them. The schemas of 1,500 types are two thirds of what a short Terraform command costs.
//
// Each Terraform command first asks a provider that is not configured whether the configuration is valid. What that
// answers follows from the question alone, and from its variables: to the same ones it is given as it was the first time.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectHttp, createServer } from "node:http2";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";

const { provider, types, told } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const used = new Set(types);
const GET_SCHEMA = "/tfplugin5.Provider/GetSchema";
const CONFIGURE = "/tfplugin5.Provider/Configure";
const VALIDATES = /^\/tfplugin5\.Provider\/(Prepare|Validate)/;
const SHUTDOWN = "/plugin.GRPCController/Shutdown";
const ANSWERED = { ":status": 200, "content-type": "application/grpc" };
const WINDOW = 2 ** 24;
// Numbers of GetProviderSchema.Response's maps from a type to its schema: resources and data sources.
const MAPS = [2, 3];

const folder = mkdtempSync(join(tmpdir(), "provider-front-"));
const schema = join(told, "schema");
mkdirSync(told, { recursive: true });
// All that it may go by but for the question: not where the endpoint is, which it doesn't call.
const variables = Object.entries(process.env).filter(([name]) => /^(AWS|TF_AWS)_(?!ENDPOINT_URL)/.test(name));
let child;
let session;
let isConfigured = false;

process.on("exit", () => {
  child?.kill("SIGKILL"); // it holds nothing that isn't in AWS or with Terraform
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
process.on("SIGINT", () => {}); // Terraform tells a provider to stop

async function start() {
  child = spawn(provider, [], { stdio: ["ignore", "pipe", "inherit"] });
  child.on("exit", () => process.exit(1));
  const [line] = await new Promise((resolve) => createInterface(child.stdout).once("line", (text) => resolve([text])));
  const address = line.split("|")[3];
  const settings = { initialWindowSize: WINDOW };
  const opened = connectHttp("http://localhost", { createConnection: () => connect(address), settings });
  await new Promise((resolve) => opened.once("connect", resolve));
  opened.setLocalWindowSize(WINDOW);
  return opened;
}

// The provider's own answer, as it comes.
async function forward(stream, headers) {
  session ??= start();
  const request = (await session).request(headers);
  let trailers = {};
  stream.on("aborted", () => request.close());
  request.on("aborted", () => stream.close());
  request.on("trailers", (sent) => (trailers = sent));
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  request.on("response", (answer, flags) => {
    const isWhole = Boolean(flags & 1); // END_STREAM: an error without a message
    stream.respond(answer, { endStream: isWhole, waitForTrailers: !isWhole });
    if (!isWhole) request.pipe(stream);
  });
  stream.pipe(request);
}

function answer(stream, message, trailers = { "grpc-status": "0" }) {
  stream.resume();
  stream.respond(ANSWERED, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(message);
}

function varint(bytes, at) {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * factor;
    if (byte < 128) return [value, at];
  }
}

// A message without the types that are not used. All of its fields are of the kind that says its length.
function reduced(message) {
  const kept = [];
  for (let at = 0, from = 0; at < message.length; from = at) {
    const [tag, afterTag] = varint(message, at);
    const [length, start] = varint(message, afterTag);
    if (tag % 8 !== 2) throw new Error(`field ${tag} of the provider's schema is of another kind`);
    at = start + length;
    const [size, name] = varint(message, start + 1);
    if (!MAPS.includes(tag >> 3) || used.has(message.toString("utf8", name, name + size))) {
      kept.push(message.subarray(from, at));
    }
  }
  const whole = Buffer.concat([Buffer.alloc(5), ...kept]);
  whole.writeUInt32BE(whole.length - 5, 1); // gRPC's head: not compressed, so long
  return whole;
}

async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function keep(message, file) {
  const written = join(folder, basename(file));
  writeFileSync(written, message);
  renameSync(written, file);
}

async function readSchema(headers) {
  session ??= start();
  const request = (await session).request(headers);
  request.end(Buffer.alloc(5));
  keep(reduced((await read(request)).subarray(5)), schema);
}

// The provider's first answer to the question, or its error, which is not kept.
async function answerAsBefore(stream, headers, question) {
  const hash = createHash("sha256").update(JSON.stringify([headers[":path"], variables])).update(question).digest("hex");
  const file = join(told, hash);
  if (!existsSync(file)) {
    session ??= start();
    const request = (await session).request(headers);
    let end = {};
    for (const each of ["response", "trailers"]) request.on(each, (sent) => (end = sent));
    request.end(question);
    const message = await read(request);
    const { "grpc-status": status = "2", "grpc-message": text = "" } = end;
    if (status !== "0") return answer(stream, message, { "grpc-status": status, "grpc-message": text });
    keep(message, file);
  }
  if (!stream.destroyed) answer(stream, readFileSync(file));
}

const server = createServer({ settings: { initialWindowSize: WINDOW } });
server.on("session", (opened) => opened.on("close", () => process.exit(0)));
server.on("stream", async (stream, headers) => {
  const path = headers[":path"];
  if (path === SHUTDOWN) {
    stream.on("close", () => process.exit(0));
    answer(stream, Buffer.alloc(5));
  } else if (path === GET_SCHEMA) {
    if (!existsSync(schema)) await readSchema(headers);
    answer(stream, readFileSync(schema));
  } else if (VALIDATES.test(path) && !isConfigured) {
    const question = await read(stream).catch(() => {}); // Terraform was interrupted
    if (question) await answerAsBefore(stream, headers, question);
  } else if (path.startsWith("/tfplugin5.")) {
    isConfigured ||= path === CONFIGURE;
    await forward(stream, headers);
  } // else a stream of the plugin's output, or for further connections: there are none
});
const socket = join(folder, "socket");
server.listen(socket, () => console.log(`1|5|unix|${socket}|grpc`));
