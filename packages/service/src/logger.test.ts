import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { createLogger } from './logger.ts';
import { redactText } from './redact.ts';
import { ClusterSecret } from './secret.ts';

function capture() {
  const lines: string[] = [];
  const logger = createLogger('info', { node_id: 'n1' }, { write: (line) => lines.push(line) });
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '{}');
  return { logger, lines, last };
}

describe('the logger', () => {
  it('writes the fields of the contract, and the ids of a child', () => {
    const { logger, last } = capture();
    logger.child({ session_id: 's_1' }).info({ event: 'session.open', connections: 2 }, 'open');
    const { ts, ...rest } = last();
    assert.match(String(ts), /^\d{4}-.*Z$/);
    assert.deepEqual(rest, {
      level: 'info',
      node_id: 'n1',
      session_id: 's_1',
      event: 'session.open',
      connections: 2,
      msg: 'open',
    });
  });

  it('keeps below its level silent', () => {
    const { logger, lines } = capture();
    logger.debug({ event: 'x' }, 'x');
    assert.equal(lines.length, 0);
  });

  it('serialises errors with code and cause', () => {
    const { logger, last } = capture();
    logger.error({ err: new CulvertError('timeout', 'late', { cause: new Error('because') }) }, 'x');
    const { name, code, message, cause, stack } = last().err as Record<string, unknown>;
    assert.deepEqual([name, code, message], ['CulvertError', 'timeout', 'late']);
    assert.equal((cause as { message: string }).message, 'because');
    assert.equal(typeof stack, 'string');
  });

  it('writes no secret, wherever one stands', () => {
    const { logger, lines } = capture();
    const secret = ClusterSecret.parse('hunter2'.repeat(8));
    const headers = { Authorization: 'hunter2', 'proxy-authorization': 'hunter2', Cookie: 'hunter2' };
    const cycle: Record<string, unknown> = { ticket: 'hunter2' };
    cycle.self = cycle;
    logger.info({ headers, secret, proxySecret: 'hunter2', admin_key: { key: 'hunter2' }, cycle }, 'fields');
    logger.info({ url: 'redis://user:hunter2@h:1', list: ['http://s_1:hunter2@gw:1'] }, 'at ws://x:hunter2@h/');
    logger.info({ query: '/pac?token=hunter2&x=1' }, 'Bearer hunter2 and ck_k1_hunter2 and Basic hunter2');
    logger.child({ password: 'hunter2' }).warn({ err: new Error('redis://:hunter2@h is away') }, 'x');
    logger.error({ err: new AggregateError([new Error('//a:hunter2@b')], 'Bearer hunter2') }, 'x');
    assert.equal(lines.length, 5);
    assert.ok(!lines.join('').includes('hunter2'), lines.join(''));
    assert.match(lines.join(''), /redis:\/\/user:\[redacted\]@h:1/);
  });

  it('leaves a line of JSON what it is, when a secret is taken out of it', () => {
    const line = JSON.stringify({ event: 'session.open', pac: 'http://api/s_1/proxy.pac?token=hunter2', proxy: 'x' });
    const told = redactText(line);
    assert.deepEqual(JSON.parse(told).proxy, 'x');
    assert.ok(!told.includes('hunter2'), told);
  });
});
