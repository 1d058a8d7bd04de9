import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Discovery, fixedAt, PrimaryConnector } from './primary-connector.ts';

const NOWHERE = { path: '/nonexistent/culvert.sock' };

describe('how a client gets to its server', () => {
  it('an error that comes after the first one does not end the process', async () => {
    const connector = new PrimaryConnector(fixedAt(NOWHERE), undefined);
    const socket = await connector.connect(() => undefined);
    socket.once('error', () => undefined); // as ioredis does
    assert.ok(socket.emit('error', new Error('first')));
    assert.ok(socket.emit('error', new Error('second')));
    assert.equal(connector.firstError?.message, 'first');
    connector.disconnect();
  });

  it('the search goes on until somebody knows, telling why it takes long', async () => {
    let asked = 0;
    const discovery: Discovery = {
      ...fixedAt(NOWHERE),
      async find() {
        asked += 1;
        if (asked < 3) throw new Error(`nobody knows (${asked})`);
        return NOWHERE;
      },
    };
    const told: string[] = [];
    const connector = new PrimaryConnector(discovery, undefined);
    await connector.connect((_type, error) => told.push(error.message));
    assert.deepEqual(told, ['nobody knows (1)', 'nobody knows (2)']);
    connector.disconnect();
  });

  it('a disconnect ends the search at once', async () => {
    const told = Promise.withResolvers<void>();
    const find = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        told.resolve();
      });
    const connector = new PrimaryConnector({ ...fixedAt(NOWHERE), find }, undefined);
    const connected = connector.connect(() => assert.fail('an end that is wanted is no error'));
    await told.promise;
    connector.disconnect();
    await assert.rejects(connected, { message: 'Connection is closed.' });
  });
});
