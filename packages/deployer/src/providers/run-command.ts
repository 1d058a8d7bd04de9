import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { CulvertError, sleep } from '@culvert/base';
import { redactText } from '@culvert/service';

/** Of standard error; what is before it is dropped. */
const MAX_WORDS_BYTES = 2_048;
/** What a command has left running may hold its output open; what it wrote itself is read by then. */
const LAST_OUTPUT_MS = 250;

export interface CommandRun {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Over this much standard output the command is killed. */
  readonly maxOutputBytes: number;
}

export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  /** The end of its standard error, without credentials. */
  readonly words: string;
}

/**
 * Runs a command without a shell, in a process group of its own. When the signal is aborted the whole group is killed, and
 * this rejects with the signal's reason; with `provider_failed` if the command can't be started, or says too much.
 */
export async function runCommand(run: CommandRun, signal: AbortSignal): Promise<CommandEnd> {
  signal.throwIfAborted();
  const [file = ''] = run.argv;
  const child = begin(run);
  const killed = new AbortController();
  const kill = (why: unknown): void => {
    killed.abort(why);
    killGroup(child);
  };
  const onAbort = (): void => kill(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const output = collect(child.stdout, run.maxOutputBytes, () =>
    kill(failed(`${file} printed more than ${run.maxOutputBytes} bytes`)),
  );
  const words = collect(child.stderr, MAX_WORDS_BYTES);
  try {
    const [code, ended] = await ending(child, file);
    const drained = new AbortController();
    await Promise.race([Promise.all([output.done, words.done]), sleep(LAST_OUTPUT_MS, drained.signal)]);
    drained.abort();
    killed.signal.throwIfAborted();
    return { code, signal: ended, output: output.text(), words: redactText(words.text().trim()) };
  } finally {
    signal.removeEventListener('abort', onAbort);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function begin({ argv, cwd, env }: CommandRun): ChildProcessByStdio<null, Readable, Readable> {
  const [file = '', ...args] = argv;
  try {
    return spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true, shell: false });
  } catch (error) {
    throw notStarted(file, error); // arguments that are too long, say
  }
}

async function ending(child: ChildProcess, file: string): Promise<[number | null, NodeJS.Signals | null]> {
  try {
    const [code, signal] = await once(child, 'exit');
    return [code, signal];
  } catch (error) {
    throw notStarted(file, error);
  }
}

function notStarted(file: string, error: unknown): CulvertError {
  return failed(`${file} can't be started: ${error instanceof Error ? error.message : String(error)}`, error);
}

/** The last `maxBytes`; `onOver` hears, once, of more than that. */
function collect(stream: Readable, maxBytes: number, onOver: () => void = () => undefined) {
  const chunks: Buffer[] = [];
  let size = 0;
  let over = false;
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    while (size - (chunks[0]?.length ?? 0) > maxBytes) size -= chunks.shift()?.length ?? 0;
    if (size <= maxBytes || over) return;
    over = true;
    onOver();
  });
  return {
    done: once(stream, 'close').then(
      () => undefined,
      () => undefined, // a pipe that breaks has nothing more to say
    ),
    text: () => Buffer.concat(chunks).subarray(-maxBytes).toString('utf8'),
  };
}

/** Not once it has ended: what is left of its group then is what it has launched. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: it has just ended, with all that it had started.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function failed(message: string, cause?: unknown): CulvertError {
  return new CulvertError('provider_failed', message, cause === undefined ? {} : { cause });
}
