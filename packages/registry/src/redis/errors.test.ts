import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { toRegistryError } from './errors.ts';

describe("a client's error", () => {
  const reply = (message: string): Error =>
    Object.assign(new Error(message), { name: 'ReplyError', command: { name: 'hset', args: ['hunter2'] } });

  it('becomes ours without the arguments of the command', () => {
    for (const message of ['WRONGPASS no', 'ERR no']) {
      assert.doesNotMatch(inspect(toRegistryError(reply(message), 'a test', 'here'), { depth: null }), /hunter2/);
    }
  });

  it('tells what passes from what is our own fault', () => {
    const code = (error: unknown): string => toRegistryError(error, 'a test', 'here').code;
    assert.equal(code(reply('LOADING Redis is loading')), 'registry_unavailable');
    assert.equal(code(reply('OOM command not allowed')), 'registry_unavailable');
    assert.equal(code(reply('MOVED 15021 127.0.0.1:7001')), 'registry_unavailable');
    assert.equal(code(reply('TRYAGAIN Multiple keys request during rehashing of slot')), 'registry_unavailable');
    assert.equal(code(new Error('Command timed out')), 'registry_unavailable');
    assert.equal(code(reply('ERR Error running script')), 'internal');
    assert.equal(code(reply('WRONGTYPE')), 'internal');
  });
});
