import { ApiFailure, type Cluster, loadCluster } from './api.ts';
import { count } from './format.ts';
import { nodeTable, sessionTable } from './tables.ts';

const KEY_ITEM = 'culvert.key';
const POLL_MS = 2_000;
/** While the API does not answer, it is asked ever less often, up to this. */
const MAX_POLL_MS = 30_000;

const signIn = byId('sign-in', HTMLFormElement);
const keyInput = byId('key', HTMLInputElement);
const signOut = byId('sign-out', HTMLButtonElement);
const trouble = byId('trouble', HTMLElement);
const cluster = byId('cluster', HTMLElement);
const summary = byId('summary', HTMLElement);

let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

signIn.addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY_ITEM, keyInput.value.trim());
  keyInput.value = '';
  void refresh();
});
signOut.addEventListener('click', () => leave());
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void refresh();
});
void refresh();

/** One look at the cluster, and a date for the next. */
async function refresh(): Promise<void> {
  clearTimeout(timer);
  const key = sessionStorage.getItem(KEY_ITEM);
  if (key === null) return leave();
  try {
    const seen = await loadCluster(key);
    if (sessionStorage.getItem(KEY_ITEM) !== key) return; // signed out meanwhile
    failures = 0;
    show(seen);
  } catch (error) {
    const failure = error instanceof ApiFailure ? error : new ApiFailure(0, 'unknown', String(error));
    if (failure.isAboutKey) return leave(failure.message);
    failures += 1;
    complain(`${failure.message} What you see may be old; trying again.`);
  }
  clearTimeout(timer);
  if (document.hidden) return; // nobody looks: go on when somebody does
  const pause = Math.min(MAX_POLL_MS, POLL_MS * 2 ** failures);
  timer = setTimeout(() => void refresh(), pause * (0.9 + 0.2 * Math.random()));
}

function show({ nodes, sessions, more }: Cluster): void {
  const connections = sessions.reduce((sum, session) => sum + session.connections, 0);
  const ready = nodes.filter((node) => node.state === 'ready').length;
  complain(undefined);
  summary.textContent =
    `${ready} of ${count(nodes.length, 'node')} ready, ${more ? 'more than ' : ''}` +
    `${count(sessions.length, 'session')}, ${count(connections, 'open connection')}`;
  byId('nodes', HTMLElement).replaceChildren(nodeTable(nodes));
  byId('sessions', HTMLElement).replaceChildren(sessionTable(sessions));
  signIn.hidden = true;
  cluster.hidden = false;
  signOut.hidden = false;
}

/** Back to the key; `reason` says why, if it was not the person's own wish. */
function leave(reason?: string): void {
  clearTimeout(timer);
  sessionStorage.removeItem(KEY_ITEM);
  cluster.hidden = true;
  signOut.hidden = true;
  signIn.hidden = false;
  complain(reason);
  keyInput.focus();
}

function complain(words: string | undefined): void {
  trouble.textContent = words ?? '';
  trouble.hidden = words === undefined;
}

function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`index.html has no #${id}`);
}
