import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterEvent, LiveNode } from '@culvert/contracts';
import { compareIds, endOf, isOfSession, merged, reasonOf, type SessionEvent } from './history.ts';
import { linkOf } from './link-of.ts';
import { masked } from './masked.ts';
import { moveTargets } from './move-targets.ts';

const at = '2026-01-01T00:00:00.000Z';
const owned = { session: 's_1', tenant: 'acme', node: 'w1', boot: 'b', epoch: 1 };

const opened = (id: string): SessionEvent => ({ id, at, type: 'session.opened', ...owned });
const closed = (id: string, reason: string): SessionEvent => ({ id, at, type: 'session.closed', ...owned, reason });

describe('the history of a session', () => {
  it('has each event once, the newest first, by the numbers of their ids', () => {
    const read = [opened('9-1'), opened('9-0')];
    const heard = [closed('10-0', 'link_lost'), opened('9-1'), opened('9-10')];
    assert.deepEqual(
      merged(read, heard).map(({ id }) => id),
      ['10-0', '9-10', '9-1', '9-0'],
    );
    assert.ok(compareIds('9-2', '10-1') < 0);
  });

  it('has a bound', () => {
    const many = Array.from({ length: 300 }, (_, n) => opened(`${n}-0`));
    const all = merged(many, []);
    assert.deepEqual([all.length, all[0]?.id], [200, '299-0']);
  });

  it('is of that session only', () => {
    const other: ClusterEvent = { ...opened('1-0'), session: 's_2' };
    const node: ClusterEvent = {
      id: '1-0',
      at,
      type: 'node.state',
      node: 's_1',
      boot: 'b',
      role: 'worker',
      state: 'ready',
    };
    assert.deepEqual(
      [opened('1-0'), other, node].map((event) => isOfSession(event, 's_1')),
      [true, false, false],
    );
  });

  it('tells why one that is gone has ended', () => {
    const events = [opened('3-0'), closed('2-0', 'session_closed'), closed('1-0', 'link_lost')];
    assert.deepEqual(endOf(events), { at, why: 'an operator or its tenant closed it' });
    assert.equal(endOf([opened('1-0')]), undefined);
    assert.equal(reasonOf('something_new'), 'something new');
    assert.equal(reasonOf('constructor'), 'constructor');
  });
});

describe('what leads elsewhere', () => {
  it('is an address of the web that names the session, or nothing', () => {
    assert.equal(linkOf('https://logs/?q={session}', 's 1'), 'https://logs/?q=s%201');
    for (const template of [null, undefined, '', 'https://logs/', 'javascript:alert("{session}")']) {
      assert.equal(linkOf(template, 's_1'), undefined);
    }
  });

  it('shows no secret', () => {
    assert.equal(masked('http://s:pw1@h/ pw1', 'pw1'), 'http://s:••••••••@h/ ••••••••');
    assert.equal(masked('text', ''), 'text');
  });

  it('is a ready worker of the same pool, the emptiest first', () => {
    const node = (id: string, more: Partial<LiveNode> = {}): LiveNode => ({
      ...{ id, boot: 'b', role: 'worker', version: '1', pool: 'default', state: 'ready', sessions: 5, connections: 0 },
      ...{
        leaseAgeMs: 0,
        host: 'h',
        pid: 1,
        proxy: null,
        admin: 'http://h',
        link: null,
        capacity: 10,
        admissionRate: 250,
        cordoned: false,
      },
      ...{ idle: 5, busy: 0, bytesInPerSecond: 0, bytesOutPerSecond: 0, health: { level: 'ok', reasons: [] }, ...more },
    });
    const nodes = [
      node('w1'),
      node('w2'),
      node('w3', { sessions: 1 }),
      node('w4', { state: 'cordoned' }),
      node('w5', { pool: 'blue' }),
      node('g1', { role: 'gateway' }),
    ];
    assert.deepEqual(
      moveTargets(nodes, 'w1').map(({ id }) => id),
      ['w3', 'w2'],
    );
  });
});
