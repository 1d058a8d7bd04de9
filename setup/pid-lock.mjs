// A lock file that names its holder, so that two set-ups at once do not delete each other's node_modules.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 200;
/** A lock file without a readable pid is one whose writer died within the write. */
const UNREADABLE_AFTER_MS = 5_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The pid of a living holder; 0: it is dead; -1: nobody holds it any more, or somebody is about to. */
function holder(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    if (pid > 0) return isAlive(pid) ? pid : 0;
    return Date.now() - statSync(path).mtimeMs > UNREADABLE_AFTER_MS ? 0 : -1;
  } catch (error) {
    if (error.code === 'ENOENT') return -1;
    throw error;
  }
}

function create(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Under a second lock: two that both saw a dead holder must not remove each other's new file. */
function takeAway(path) {
  const guard = `${path}.takeover`;
  if (!create(guard)) {
    if (holder(guard) === 0) rmSync(guard, { force: true });
    return;
  }
  if (holder(path) === 0) rmSync(path, { force: true });
  rmSync(guard, { force: true });
}

/** Runs `work` while this process alone holds `path`. Waits for a living holder, up to `deadlineMs`. */
export async function withLock(path, deadlineMs, onWait, work) {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = Date.now() + deadlineMs;
  for (let waited = false; !create(path); ) {
    const pid = holder(path);
    if (pid === 0) takeAway(path);
    if (pid > 0 && !waited) onWait(pid);
    waited ||= pid > 0;
    if (Date.now() > deadline) {
      throw new Error(`process ${pid} has held ${path} for too long. Fix: end it, or delete the file.`);
    }
    if (pid !== 0) await delay(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}
