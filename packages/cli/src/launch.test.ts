import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { isAlive } from '@culvert/local';

interface Launch {
  launch(runtime: string, args: readonly string[]): Promise<number>;
  satisfies(version: string, range: string): boolean;
  requiredNode(): string;
}
const url = new URL('../bin/launch.mjs', import.meta.url).href;
// Plain JavaScript for old Node.js, so without declarations.
const { launch, satisfies, requiredNode } = (await import(url)) as Launch;

/** Tells each signal it gets, ends by the second one, or when its parent is gone. */
const CHILD = `
  let count = 0;
  const tell = (what) => { process.stdout.write(what + '\\n'); if (++count === 2) process.exit(7); };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tell(signal));
  process.on('disconnect', () => process.exit(0));
  process.stdout.write(process.pid + '\\n');
  setInterval(() => undefined, 1000);`;

/** Pieces of output as they come, line by line. */
function lines(child: ChildProcess) {
  let held = '';
  const waiting: ((line: string) => void)[] = [];
  const ready: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (held + text).split('\n');
    held = parts.pop() ?? '';
    for (const line of parts) {
      const next = waiting.shift();
      if (next) next(line);
      else ready.push(line);
    }
  });
  return (): Promise<string> => {
    const line = ready.shift();
    return line === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(line);
  };
}

function launcher(): { parent: ChildProcess; next: () => Promise<string> } {
  const script = `
    import { launch } from ${JSON.stringify(url)};
    process.exitCode = await launch(process.execPath, ['-e', ${JSON.stringify(CHILD)}]);`;
  const env = { ...process.env };
  delete env.npm_lifecycle_event;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  return { parent, next: lines(parent) };
}

describe('launcher', () => {
  it('says what to do about a runtime that lacks a library', async () => {
    await assert.rejects(launch('/bin/sh', ['-c', 'exit 127']), /does not start on this machine.*\nFix: .*libatomic1/);
    assert.equal(await launch('/bin/sh', ['-c', 'exit 126']), 126);
  });

  it('knows which Node.js is new enough', () => {
    assert.ok(
      satisfies('v26.0.0', '>=26.0.0') && satisfies('v26.10.1', '>=26.2.0') && satisfies('v27.0.0', '>=26.2.0'),
    );
    assert.ok(!satisfies('v20.20.2', '>=26.0.0') && !satisfies('v26.1.9', '>=26.2.0'));
    assert.ok(satisfies(process.version, requiredNode()));
  });

  it('passes a signal on once, a later one again, and the exit code back', async (t) => {
    const { parent, next } = launcher();
    t.after(() => parent.kill('SIGKILL')); // it has ended, unless something above failed
    await next();
    parent.kill('SIGINT');
    parent.kill('SIGTERM'); // npm's, for the same Ctrl-C
    // Of two that are pending, the system has the handler of the second run first, at times.
    assert.match(await next(), /^SIG(INT|TERM)$/);
    await new Promise((resolve) => setTimeout(resolve, 600)); // what tells two key presses apart is time
    parent.kill('SIGTERM');
    assert.equal(await next(), 'SIGTERM');
    const [code] = await once(parent, 'exit');
    assert.equal(code, 7);
  });

  it('leaves no child behind when it is killed', async () => {
    const { parent, next } = launcher();
    const pid = Number(await next());
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    const deadline = performance.now() + 5_000;
    while (isAlive(pid)) {
      assert.ok(performance.now() < deadline, 'the child still runs');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});
