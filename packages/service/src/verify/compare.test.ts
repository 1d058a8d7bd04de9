import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareRegistry } from './compare.ts';
import { type Difference, type DifferenceKind, identitiesOf, severityOf, workersOf } from './difference.ts';
import { bootOf, directoryOf, entryOf, servedOf, workerOf } from './testing/snapshots.ts';
import { describeDifference } from './words.ts';

const owner = { worker: 'w1', boot: bootOf('w1'), epoch: 7 };
const heldBy = (worker: string, epoch = 7, state = 'busy') => ({ worker, epoch, state });
const both = { session: 's', worker: 'w1', epoch: 7, report: '1000/10' };

interface Case {
  readonly what: string;
  readonly found: Difference[];
  readonly expected: readonly Difference[];
}

const cases: Case[] = [
  {
    what: 'nothing, when both sides say the same',
    found: compareRegistry(
      directoryOf({
        s: entryOf('w1'),
        i: entryOf('w2', { state: 'idle', connections: 0 }),
        o: entryOf('w2', { state: 'offline' }),
      }),
      [
        workerOf('w1', { s: servedOf() }),
        workerOf('w2', { i: servedOf({ state: 'idle', connections: 0 }), o: servedOf({ state: 'offline' }) }),
      ],
    ),
    expected: [],
  },
  {
    what: 'a session that the directory lacks',
    found: compareRegistry(directoryOf({}), [workerOf('w1', { s: servedOf() })]),
    expected: [{ kind: 'missing', session: 's', holder: heldBy('w1') }],
  },
  {
    what: 'nothing in what a worker does not hold yet, or no more',
    found: compareRegistry(directoryOf({}), [
      workerOf('w1', { s: servedOf({ state: 'connecting', epoch: null }), t: servedOf({ state: 'handed_off' }) }),
    ]),
    expected: [],
  },
  {
    what: 'an owner that does not have it',
    found: compareRegistry(directoryOf({ s: entryOf('w1') }), [workerOf('w1')]),
    expected: [{ kind: 'stale_owner', session: 's', owner, why: 'not_there', holder: null }],
  },
  {
    what: 'an owner that lets go of it, while another has it',
    found: compareRegistry(directoryOf({ s: entryOf('w1') }), [
      workerOf('w1', { s: servedOf({ state: 'handed_off' }) }),
      workerOf('w2', { s: servedOf({ epoch: 9 }) }),
    ]),
    expected: [{ kind: 'stale_owner', session: 's', owner, why: 'letting_go', holder: heldBy('w2', 9) }],
  },
  {
    what: 'an owner in another life',
    found: compareRegistry(directoryOf({ s: entryOf('w1') }), [{ ...workerOf('w1', { s: servedOf() }), boot: 'new' }]),
    expected: [{ kind: 'stale_owner', session: 's', owner, why: 'other_boot', holder: heldBy('w1') }],
  },
  {
    what: 'an owner that nobody knows',
    found: compareRegistry(directoryOf({ s: entryOf('w1') }), [workerOf('w2')]),
    expected: [{ kind: 'stale_owner', session: 's', owner, why: 'unknown', holder: null }],
  },
  {
    what: 'two workers with one session, one of them its owner',
    found: compareRegistry(directoryOf({ s: entryOf('w1') }), [
      workerOf('w1', { s: servedOf() }),
      workerOf('w2', { s: servedOf({ epoch: 6, state: 'offline' }) }),
    ]),
    expected: [{ kind: 'two_owners', session: 's', owner, holders: [heldBy('w1'), heldBy('w2', 6, 'offline')] }],
  },
  {
    what: 'two workers with one session that is another’s, nobody’s, or not in the directory',
    found: compareRegistry(directoryOf({ a: entryOf('w1'), b: entryOf(null), d: entryOf('w4') }), [
      workerOf('w1'),
      ...['w2', 'w3'].map((id) => workerOf(id, { a: servedOf(), b: servedOf(), c: servedOf(), d: servedOf() })),
      { id: 'w4', boot: bootOf('w4'), trouble: 'silent' },
    ]),
    expected: [
      { kind: 'unreachable', worker: 'w4', why: 'silent' },
      { kind: 'two_owners', session: 'a', owner, holders: [heldBy('w2'), heldBy('w3')] },
      { kind: 'two_owners', session: 'b', owner: null, holders: [heldBy('w2'), heldBy('w3')] },
      {
        ...{ kind: 'two_owners', session: 'd', owner: { worker: 'w4', boot: bootOf('w4'), epoch: 7 } },
        holders: [heldBy('w2'), heldBy('w3')],
      },
      { kind: 'two_owners', session: 'c', owner: null, holders: [heldBy('w2'), heldBy('w3')] },
    ],
  },
  {
    what: 'another epoch, and then no number of it',
    found: compareRegistry(directoryOf({ s: entryOf('w1') }), [
      workerOf('w1', { s: servedOf({ epoch: 8, connections: 5, state: 'idle' }) }),
    ]),
    expected: [{ kind: 'wrong_epoch', ...both, directory: 7, served: 8 }],
  },
  {
    what: 'another tenant',
    found: compareRegistry(directoryOf({ s: entryOf('w1') }), [workerOf('w1', { s: servedOf({ tenant: 'other' }) })]),
    expected: [{ kind: 'wrong_tenant', ...both, directory: 'acme', served: 'other' }],
  },
  {
    what: 'another state, which says more than the count',
    found: compareRegistry(directoryOf({ s: entryOf('w1') }), [
      workerOf('w1', { s: servedOf({ state: 'idle', connections: 0 }) }),
    ]),
    expected: [{ kind: 'wrong_state', ...both, directory: 'busy', served: 'idle' }],
  },
  {
    what: 'another count',
    found: compareRegistry(directoryOf({ s: entryOf('w1') }), [workerOf('w1', { s: servedOf({ connections: 3 }) })]),
    expected: [{ kind: 'wrong_count', ...both, directory: 2, served: 3 }],
  },
  {
    what: 'what nobody owns, and whether some worker has it',
    found: compareRegistry(directoryOf({ a: entryOf(null), b: entryOf(null) }), [workerOf('w1', { b: servedOf() })]),
    expected: [
      { kind: 'vacant', session: 'a', epoch: 7, holder: null },
      { kind: 'vacant', session: 'b', epoch: 7, holder: heldBy('w1') },
    ],
  },
  {
    what: 'an index that lacks a session, and one that has too many',
    found: compareRegistry(
      directoryOf(
        { a: entryOf('w1', { listed: false }), b: entryOf('w2') },
        {
          owned: new Map([
            ['w1', new Set(['b', 'gone'])],
            ['w2', new Set(['b'])],
          ]),
          strayMembers: [
            { session: 'b', tenant: 'other' },
            { session: 'gone', tenant: 'acme' },
          ],
        },
      ),
      [workerOf('w1', { a: servedOf() }), workerOf('w2', { b: servedOf() })],
    ),
    expected: [
      { kind: 'index', session: 'a', index: 'tenanted', under: 'acme', problem: 'lacks' },
      { kind: 'index', session: 'a', index: 'owned', under: 'w1', problem: 'lacks' },
      { kind: 'index', session: 'b', index: 'owned', under: 'w1', problem: 'extra' },
      { kind: 'index', session: 'gone', index: 'owned', under: 'w1', problem: 'no_entry' },
      { kind: 'index', session: 'b', index: 'tenanted', under: 'other', problem: 'extra' },
      { kind: 'index', session: 'gone', index: 'tenanted', under: 'acme', problem: 'no_entry' },
    ],
  },
  {
    what: 'no index that was not read',
    found: compareRegistry(directoryOf({ s: entryOf('w1') }, { owned: new Map() }), [
      workerOf('w1', { s: servedOf() }),
    ]),
    expected: [],
  },
  {
    what: 'a worker that did not answer, and not its sessions',
    found: compareRegistry(directoryOf({ s: entryOf('w1'), t: entryOf('w1') }), [
      { id: 'w1', boot: bootOf('w1'), trouble: 'no answer within 5000 ms' },
      workerOf('w2', { t: servedOf() }),
      { id: 'w3', boot: bootOf('w3') }, // not asked
    ]),
    expected: [{ kind: 'unreachable', worker: 'w1', why: 'no answer within 5000 ms' }],
  },
  {
    what: 'a place that is kept for who has come, and not one for who is to come',
    found: compareRegistry(
      directoryOf(
        { s: entryOf('w1'), t: entryOf('w2') },
        {
          reservations: new Map([
            [
              'w1',
              [
                { sessionId: 's', untilMs: 5 },
                { sessionId: 't', untilMs: 5 },
                { sessionId: 'new', untilMs: 5 },
              ],
            ],
          ]),
        },
      ),
      [workerOf('w1', { s: servedOf() }), workerOf('w2', { t: servedOf() })],
    ),
    expected: [{ kind: 'orphan_reservation', session: 's', worker: 'w1', untilMs: 5 }],
  },
];

describe('the directory compared with its workers', () => {
  for (const { what, found, expected } of cases) it(`finds ${what}`, () => assert.deepEqual(found, expected));

  it('judges the sessions asked for, and no other', () => {
    const directory = directoryOf({ a: entryOf('w1'), b: entryOf('w1') }, { owned: new Map([['w1', new Set(['x'])]]) });
    const found = compareRegistry(directory, [workerOf('w1', { c: servedOf(), d: servedOf() })], new Set(['a', 'c']));
    assert.deepEqual(
      found.map((difference) => [difference.kind, 'session' in difference && difference.session]),
      [
        ['stale_owner', 'a'],
        ['index', 'a'],
        ['missing', 'c'],
      ],
    );
  });
});

describe('a difference', () => {
  const all = cases.flatMap(({ expected }) => expected);
  const kinds: Record<DifferenceKind, true> = {
    ...{ missing: true, stale_owner: true, two_owners: true, wrong_epoch: true, wrong_tenant: true, wrong_state: true },
    ...{ wrong_count: true, vacant: true, index: true, unreachable: true, orphan_reservation: true },
  };

  it('of every kind is met above', () => {
    assert.deepEqual([...new Set(all.map(({ kind }) => kind))].toSorted(), Object.keys(kinds).toSorted());
  });

  it('is told in words that name both sides', () => {
    const lines = all.map((difference) => {
      const { directory, workers, advice } = describeDifference(difference);
      assert.doesNotMatch(`${directory} ${workers} ${advice}`, /undefined|null|\[object/);
      assert.match(advice, /^[A-Z].*[.?]$/);
      return `${difference.kind}: ${directory} / ${workers}`;
    });
    for (const line of [
      'missing: has no entry / w1 has it, busy, epoch 7',
      'stale_owner: says w1#w1-boot, epoch 7 / w1 does not hold it, or not yet; w2 has it, busy, epoch 9',
      'two_owners: names no live owner / w2 has it, busy, epoch 7; w3 has it, busy, epoch 7',
      'wrong_epoch: says epoch 7 / w1 says epoch 8',
      'wrong_count: says connections 2 / w1 says connections 3',
      "index: lacks it in the index of w1's sessions, its entry is there / not asked",
      'unreachable: has w1 as alive / w1 does not tell its sessions: no answer within 5000 ms',
      'orphan_reservation: keeps a place on w1 until 1970-01-01T00:00:00.005Z / w1 has it already',
    ]) {
      assert.ok(lines.includes(line), `${line}\nis not among\n${lines.join('\n')}`);
    }
  });

  it('is an error, unless nothing is wrong', () => {
    const information = all.filter((difference) => severityOf(difference) === 'information');
    assert.deepEqual(
      information.map(({ kind }) => kind),
      ['vacant', 'orphan_reservation'],
    );
  });

  it('names the workers that it is about', () => {
    const named = (kind: DifferenceKind) => workersOf(all.find((difference) => difference.kind === kind) as Difference);
    assert.deepEqual(named('missing'), ['w1']);
    assert.deepEqual(named('two_owners'), ['w1', 'w2']);
    assert.deepEqual(named('vacant'), []);
    assert.deepEqual(named('unreachable'), ['w4']);
  });

  it('in numbers has lasted without a report, or with both values; one in owners whatever the numbers are', () => {
    const lasts = (one: Difference, next: Difference): boolean =>
      identitiesOf(next).some((identity) => identitiesOf(one).includes(identity));
    const count: Difference = { kind: 'wrong_count', ...both, directory: 2, served: 3 };
    assert.equal(lasts(count, { ...count, served: 4 }), true);
    assert.equal(lasts(count, { ...count, report: '1000/11' }), true);
    assert.equal(lasts(count, { ...count, report: '1000/11', served: 4 }), false);
    assert.equal(lasts(count, { ...count, report: '1000/11', directory: 1 }), false);
    assert.equal(lasts(count, { ...count, epoch: 8 }), false);
    const epoch: Difference = { kind: 'wrong_epoch', ...both, directory: 7, served: 8 };
    assert.equal(lasts(epoch, { ...epoch, report: '1000/11' }), true);
    assert.equal(lasts(epoch, { ...epoch, directory: 9 }), false);
    const stale: Difference = { kind: 'stale_owner', session: 's', owner, why: 'not_there', holder: null };
    assert.equal(lasts(stale, { ...stale, why: 'letting_go', holder: heldBy('w2') }), true);
    assert.equal(lasts(stale, { ...stale, owner: { ...owner, epoch: 8 } }), false);
    assert.equal(lasts(stale, { ...stale, session: 't' }), false);
  });
});
