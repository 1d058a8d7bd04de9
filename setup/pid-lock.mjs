// A lock file that names its holder, so that two set-ups at once do not delete each other's node_modules.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

/** Runs `work` while this process alone holds `path`. Waits for a living holder, up to `deadlineMs`. */
export async function withLock(path, deadlineMs, onWait, work) {
  const deadline = Date.now() + deadlineMs;
  for (let waited = false; ; ) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const pid = holder(path);
    if (pid === 0) {
      rmSync(path, { force: true });
      continue;
    }
    if (pid > 0 && !waited) onWait(pid);
    waited ||= pid > 0;
    if (Date.now() > deadline)
      throw new Error(`process ${pid} has held ${path} for too long. Fix: end it, or delete the file.`);
    await delay(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}
