import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BootMemory } from './memory.ts';

/** Tells one operation that Redis carries out; its number. */
function tell(memory: BootMemory, sessionId: string, over: { epoch?: number; released?: boolean } = {}): number {
  const stamp = memory.next();
  memory.acknowledged(stamp, [{ sessionId, epoch: 1, released: false, ...over }]);
  return stamp.seq;
}

describe('what a boot remembers of what it told', () => {
  it('misses nothing while Redis has what it acknowledged', () => {
    const memory = new BootMemory();
    const last = tell(memory, 's_1');
    memory.next(); // never answered: it may have been carried out
    assert.deepEqual(memory.missing(last, false), { kind: 'nothing' });
    assert.deepEqual(memory.missing(last + 1, false), { kind: 'nothing' });
  });

  it('names the last operation of each session that Redis lost', () => {
    const memory = new BootMemory();
    const kept = tell(memory, 's_1');
    tell(memory, 's_2');
    tell(memory, 's_3', { epoch: 7 });
    tell(memory, 's_2', { epoch: 9, released: true });
    const operations = [
      { sessionId: 's_3', epoch: 7, released: false },
      { sessionId: 's_2', epoch: 9, released: true },
    ];
    assert.deepEqual(memory.missing(kept, false), { kind: 'some', operations });
  });

  it('says once what is missing, and stamps what is told again so that Redis takes it as the next', () => {
    const memory = new BootMemory();
    tell(memory, 's_1');
    tell(memory, 's_2');
    memory.missing(1, false);
    assert.deepEqual(memory.missing(1, false), { kind: 'nothing' });
    assert.deepEqual(memory.next(), { seq: 3, acked: 1 });
  });

  it('knows nothing of a lease that is new, nor of what the ring has lost', () => {
    const memory = new BootMemory(2);
    assert.deepEqual(memory.missing(0, true), { kind: 'unknown' });
    for (const session of ['s_1', 's_2', 's_3']) tell(memory, session);
    assert.deepEqual(memory.missing(0, false), { kind: 'unknown' }, 's_1 was pushed out');
    for (const session of ['s_1', 's_2', 's_3']) tell(memory, session);
    assert.equal(memory.missing(4, false).kind, 'some', 'what was pushed out is there');
  });

  it('a late word about an ownership that is over does not hide the last one', () => {
    const memory = new BootMemory();
    const kept = tell(memory, 's_1', { epoch: 5 });
    tell(memory, 's_1', { epoch: 5, released: true });
    tell(memory, 's_1', { epoch: 4, released: true });
    assert.deepEqual(memory.missing(kept, false), {
      kind: 'some',
      operations: [{ sessionId: 's_1', epoch: 5, released: true }],
    });
  });

  it('an answer that comes late does not bring an older operation back', () => {
    const memory = new BootMemory();
    const early = memory.next();
    tell(memory, 's_1', { epoch: 5, released: true });
    memory.acknowledged(early, [{ sessionId: 's_1', epoch: 4, released: false }]);
    assert.deepEqual(memory.missing(0, false), {
      kind: 'some',
      operations: [{ sessionId: 's_1', epoch: 5, released: true }],
    });
  });
});
