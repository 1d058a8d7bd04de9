import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { reportFailure } from '../failure.ts';
import { createProgram } from '../program.ts';

const DAY = Date.UTC(2026, 0, 31, 12);
const ESCAPE = '\u001b[31m';

interface Fields {
  readonly event: string;
  readonly msg?: string;
  readonly level?: string;
  readonly [field: string]: unknown;
}

const written = (ms: number, who: object, { level = 'info', msg = 'words', ...fields }: Fields): string =>
  `${JSON.stringify({ ts: new Date(DAY + ms).toISOString(), level, ...who, ...fields, msg })}\n`;
const logOf = (who: object, lines: readonly (readonly [ms: number, fields: Fields])[]): string =>
  lines.map(([ms, fields]) => written(ms, who, fields)).join('');

const S = { session_id: 's_1', tenant_id: 'acme' };
const C = { ...S, connection_id: 'c_1' };
const D = { deploy_id: 'd_1' };

/** A session of which one connection goes along when a deployment moves it; and another session, which stays. */
const LOGS = {
  'gateway-1': logOf({ role: 'gateway', node_id: 'gateway-1' }, [
    [110, { ...C, event: 'connection.open', target: 'app:80' }],
    [505, { ...C, event: 'connection.detach', from: 'worker-1' }],
    [520, { ...C, event: 'connection.resume', from: 'worker-1', to: 'worker-2', gap_ms: 15, replayed_bytes: 7 }],
    [900, { ...C, event: 'connection.close', closed_by: 'browser', reason: 'end' }],
  ]),
  'worker-1': logOf({ role: 'worker', node_id: 'worker-1' }, [
    [10, { ...S, event: 'session.open', agent_id: 'a_1', msg: `opened ${ESCAPE}` }],
    [20, { event: 'session.open', session_id: 's_2', agent_id: 'a_2' }],
    [105, { ...C, event: 'connection.open' }],
    [390, { ...D, event: 'node.drain', policy: 'move' }],
    [400, { ...S, ...D, event: 'session.move', by: 'deployment', to: 'worker-2', code: 'draining' }],
    [500, { ...S, event: 'session.close', by: 'registry', code: 'superseded' }],
  ]),
  'worker-2': logOf({ role: 'worker', node_id: 'worker-2' }, [
    [450, { ...S, event: 'session.open', from: 'worker-1', agent_id: 'a_1' }],
    [901, { ...C, event: 'connection.close', closed_by: 'browser', reason: 'end' }],
    [60_000, { ...S, level: 'warn', event: 'session.close', by: 'agent', code: 'shutting_down', msg: 'it stops' }],
  ]),
  agent: logOf({ role: 'agent' }, [
    [100, { ...C, event: 'connection.dial', ms: 4, address: '10.0.0.1' }],
    [455, { ...S, event: 'link.up', worker: 'worker-2' }],
    [70_000, { session_id: 's_2', event: 'link.down' }],
  ]),
};

describe('culvert logs', () => {
  let dataDir: string;
  before(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'culvert-logs-'));
    mkdirSync(join(dataDir, 'logs'));
    for (const [name, text] of Object.entries(LOGS)) writeFileSync(join(dataDir, 'logs', `${name}.log`), text);
    // As a collector hands them out: one process after the other.
    writeFileSync(join(dataDir, 'all.txt'), Object.values(LOGS).join(''));
  });
  after(() => rmSync(dataDir, { recursive: true }));

  const culvert = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    let [stdout, stderr] = ['', ''];
    const keep = {
      stdout: { write: (out: string) => (stdout += out) },
      stderr: { write: (out: string) => (stderr += out) },
    };
    let code = 0;
    try {
      await createProgram({ entry: '', ...keep }).parseAsync(['logs', ...args], { from: 'user' });
    } catch (error) {
      code = reportFailure(error, keep.stderr);
    }
    return { code, stdout, stderr };
  };
  const told = async (...args: string[]): Promise<string[]> => {
    const { code, stdout, stderr } = await culvert(...args, '--json');
    assert.deepEqual([code, stderr], [0, '']);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, string>);
    return lines.map(({ ts, role, event }) => `${Date.parse(ts ?? '') - DAY} ${role} ${event}`);
  };

  const OF_C = [
    '100 agent connection.dial',
    '105 worker connection.open',
    '110 gateway connection.open',
    '400 worker session.move',
    '450 worker session.open',
    '455 agent link.up',
    '500 worker session.close',
    '505 gateway connection.detach',
    '520 gateway connection.resume',
    '900 gateway connection.close',
    '901 worker connection.close',
  ];
  const OF_S = ['10 worker session.open', ...OF_C, '60000 worker session.close'];

  it('--session: its lines and those of its connections, from all processes, by time', async () => {
    assert.deepEqual(await told('--data-dir', dataDir, '--session', 's_1'), OF_S);
  });

  it('--connection: its lines, and what became of its session meanwhile', async () => {
    assert.deepEqual(await told('--data-dir', dataDir, '--connection', 'c_1'), OF_C);
  });

  it('--deploy: its lines, and the sessions that it moved', async () => {
    assert.deepEqual(await told('--data-dir', dataDir, '--deploy', 'd_1'), [
      ...['390 worker node.drain', '400 worker session.move', '450 worker session.open', '455 agent link.up'],
      '500 worker session.close',
    ]);
  });

  it('--node: what it wrote, and what names it', async () => {
    assert.deepEqual(await told('--data-dir', dataDir, '--node', 'worker-2'), [
      ...['400 worker session.move', '450 worker session.open', '455 agent link.up', '520 gateway connection.resume'],
      ...['901 worker connection.close', '60000 worker session.close'],
    ]);
    assert.equal((await told('--data-dir', dataDir, '--node', 'agent')).length, 3);
  });

  it('--level and --since narrow it down', async () => {
    const end = ['60000 worker session.close'];
    assert.deepEqual(await told('--data-dir', dataDir, '--session', 's_1', '--level', 'warn'), end);
    const since = new Date(DAY + 901).toISOString();
    const late = ['901 worker connection.close', ...end];
    assert.deepEqual(await told('--data-dir', dataDir, '--session', 's_1', '--since', since), late);
  });

  for (const [what, id, expected] of [
    ['--session', 's_1', OF_S],
    ['--connection', 'c_1', OF_C],
  ] as const) {
    it(`--file: the same from lines in any order, ${what}`, async () => {
      assert.deepEqual(await told('--file', join(dataDir, 'all.txt'), what, id), expected);
    });
  }

  it('for people: a header, aligned lines, and what it came to', async () => {
    const { stdout } = await culvert('--data-dir', dataDir, '--session', 's_1');
    const [header, , first, ...rest] = stdout.trimEnd().split('\n');
    assert.equal(
      header,
      'session s_1: 13 lines from 4 processes: agent/agent, gateway/gateway-1, worker/worker-1, worker/worker-2; ' +
        '2026-01-31 12:00:00.010 – 12:01:00.000 UTC (59.99 s)',
    );
    assert.equal(first, '12:00:00.010      +0 ms  worker/worker-1    session.open       opened ·[31m');
    assert.deepEqual(rest.slice(0, 2), [
      '12:00:00.100     +90 ms  agent/agent        connection.dial    words  connection_id=c_1 ms=4 address=10.0.0.1',
      '12:00:00.105      +5 ms  worker/worker-1    connection.open    words  connection_id=c_1',
    ]);
    assert.match(rest[11] ?? '', /^12:01:00\.000 {3}\+59\.10 s {2}worker\/worker-2 .* WARN it stops/);
    assert.deepEqual(rest.slice(13), [
      'opened   12:00:00.010 on worker-1 by agent a_1 of tenant acme',
      'moved    1×: worker-1 → worker-2 (asked by deployment d_1: draining)',
      'connections  1 opened, 1 closed by browser: end',
      'resumed  1×: gap 15 ms at most, 7 bytes sent again',
      'closed   12:01:00.000 on worker-2 by agent: shutting_down (it stops)',
    ]);
  });

  it('lines that cannot be read are told beside the story', async () => {
    writeFileSync(join(dataDir, 'broken.txt'), `{"session_id":"s_1", \nwhat a crash says\n${LOGS['worker-1']}`);
    const { code, stderr, stdout } = await culvert('--file', join(dataDir, 'broken.txt'), '--session', 's_1', '--json');
    assert.deepEqual([code, stdout.split('\n').length], [0, 5]);
    assert.equal(
      stderr,
      'culvert: broken.txt: lines were left out: 2 are no JSON (the first: {"session_id":"s_1", )\n',
    );
  });

  it('nothing found, or nowhere to look: an exit code, and what to do', async () => {
    const none = await culvert('--data-dir', dataDir, '--session', 's_none', '--level', 'error');
    assert.deepEqual([none.code, none.stdout], [1, '']);
    assert.match(none.stderr, /no line of session s_none: none in 4 logs\nFix: try no --level, another --data-dir/);
    const nowhere = await culvert('--data-dir', join(dataDir, 'none'));
    assert.equal(nowhere.code, 2);
    assert.match(
      nowhere.stderr,
      /There is no folder .*\nFix: Name the data folder .* --data-dir, or give logs with --file/,
    );
    const both = await culvert('--follow', '--file', 'x.txt');
    assert.equal(both.code, 2);
    assert.match(both.stderr, /tail -F/);
    assert.equal((await culvert('--data-dir', dataDir, '--since', 'yesterday')).code, 2);
  });
});
