// A part of the agents of a storm, with an API, and the workers as they meet them; a process of its own.
import { setTimeout as wait } from 'node:timers/promises';
import { silentLogger } from '@culvert/base';
import { Random } from '@culvert/mux/testing';
import { Registry } from '@culvert/registry';
import { HOLD_MS, HORIZON_MS } from '../../packages/registry/src/placement/placement.ts';
import { benchClaim, benchReassert, sessionId } from './registry-data.ts';
import { sendNote, serveJobs } from './registry-jobs.ts';
import { StormAgent } from './storm-agent.ts';
import { StormApi } from './storm-api.ts';
import {
  type CrowdAnswer,
  type CrowdJob,
  type CrowdResult,
  type StormSetup,
  sessionsOf,
  sessionsPerWorker,
  stormNode,
} from './storm-protocol.ts';
import { StormTally } from './storm-tally.ts';
import { StormWorkers } from './storm-workers.ts';

const START_DEADLINE_MS = 30_000;
const FILL_TIMEOUT_MS = 30_000;
const FILLED_AT_ONCE = 1_000;
/** How often it tells how many were claimed where: beats carry it to the APIs. */
const NOTE_EVERY_MS = 500;
const LINK_EVERY_MS = 100;

const [, , json = '{}', crowd = '0'] = process.argv;
const setup = JSON.parse(json) as StormSetup;
const number = Number(crowd);
const isMine = (item: number): boolean => item % setup.crowds === number;
const random = new Random(setup.seed * 1_000 + number);

const sessions = Array.from({ length: setup.dead }, (_, worker) => sessionsOf(setup, worker))
  .flat()
  .filter(isMine);
const tally = new StormTally(sessions.length);
const workers = await StormWorkers.start(setup, tally);
const registry = Registry.connect({ url: setup.url, logger: silentLogger });
await registry.waitUntilAvailable(AbortSignal.timeout(START_DEADLINE_MS));
const api = new StormApi({ registry, rate: setup.apiRate, random: () => random.next(), tally });
let agents: StormAgent[] = [];

/** What claims would have written, told in bulk by a registry of its own. */
async function fill(): Promise<number> {
  await using bulk = Registry.connect({ url: setup.url, logger: silentLogger, commandTimeoutMs: FILL_TIMEOUT_MS });
  await bulk.waitUntilAvailable(AbortSignal.timeout(START_DEADLINE_MS));
  let told = 0;
  for (let worker = 0; worker < setup.workers; worker += 1) {
    if (!isMine(worker)) continue;
    const node = stormNode(setup, worker);
    const all = sessionsOf(setup, worker);
    for (let at = 0; at < all.length; at += FILLED_AT_ONCE) {
      const some = all.slice(at, at + FILLED_AT_ONCE).map((session) => benchReassert(session, node));
      const outcomes = await bulk.reassert(node, some);
      told += [...outcomes.values()].filter((outcome) => outcome === 'ok').length;
    }
  }
  return told;
}

async function start(): Promise<number> {
  agents = sessions.map((session) => {
    const node = stormNode(setup, Math.floor(session / sessionsPerWorker(setup)));
    const { epoch } = benchReassert(session, node);
    const home = { node: node.id, epoch };
    return new StormAgent({ session, home, api, workers, tally, random: () => random.next() });
  });
  for (const agent of agents) agent.start();
  const deadline = AbortSignal.timeout(START_DEADLINE_MS);
  while (!agents.every(({ linked }) => linked)) await wait(LINK_EVERY_MS, undefined, { signal: deadline });
  await warmUp();
  return agents.length;
}

/** A cluster that has been up for a while has its scripts in Redis. Asked for a session by its owner, they change no load. */
async function warmUp(): Promise<void> {
  const survivor = setup.workers - 1;
  const node = stormNode(setup, survivor);
  const [session = 0] = sessionsOf(setup, survivor);
  const id = sessionId(session);
  const about = { pool: node.pool, holdMs: HOLD_MS, horizonMs: HORIZON_MS };
  await registry.getSession(id);
  await registry.reserve({ sessionId: id, candidates: [node], ...about });
  await registry.claim(benchClaim(session, node));
}

async function storm(): Promise<CrowdResult> {
  const notes = setInterval(() => sendNote(claimsByWorker()), NOTE_EVERY_MS);
  tally.begin();
  workers.die();
  for (const agent of agents) agent.lose();
  const deadline = new AbortController();
  await Promise.race([
    tally.done,
    wait(setup.deadlineMs, undefined, { signal: deadline.signal }).catch(() => undefined),
  ]);
  deadline.abort();
  clearInterval(notes);
  sendNote(claimsByWorker());
  return tally.result();
}

function claimsByWorker(): number[] {
  const counts = Array<number>(setup.workers).fill(0);
  for (const worker of tally.claims) counts[worker] = (counts[worker] ?? 0) + 1;
  return counts;
}

async function stop(): Promise<number> {
  for (const agent of agents) agent.stop();
  await registry.close();
  await workers[Symbol.asyncDispose]();
  return agents.length;
}

serveJobs<CrowdJob, CrowdAnswer>(({ kind }) => ({ fill, start, storm, stop })[kind]());
