import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { StormAgent } from './storm-agent.ts';
import { StormTally } from './storm-tally.ts';

/** An API and workers that note what agents ask of them; `refuse` decides who is refused. */
function world(refuse: (attempt: number) => CulvertError | undefined) {
  const tally = new StormTally(1);
  const excluded: (readonly string[])[] = [];
  const admitted: string[] = [];
  const api = {
    place: async (_id: string, { exclude }: { exclude: readonly string[] }) => {
      excluded.push(exclude);
      return { url: `w_${excluded.length}`, ticket: '0', node: `w_${excluded.length}`, expiresAtMs: 0 };
    },
  };
  const workers = {
    admit: async (_session: number, lastEpoch: number, { node }: { node: string }) => {
      const error = refuse(excluded.length);
      if (error !== undefined) throw error;
      admitted.push(node);
      return lastEpoch + 1;
    },
  };
  const home = { node: 'w_0', epoch: 7 };
  const agent = new StormAgent({ session: 1, home, api, workers, tally, random: () => 0 });
  return { agent, tally, excluded, admitted };
}

const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i += 1) await new Promise(setImmediate);
};

describe('an agent of the storm', { timeout: 10_000 }, () => {
  it('starts on its worker without a claim, and when that dies asks for another than that', async () => {
    const { agent, tally, excluded, admitted } = world(() => undefined);
    agent.start();
    await turns();
    assert.deepEqual([agent.linked, excluded, admitted], [true, [], []]);
    tally.begin();
    agent.lose();
    await tally.done;
    await turns();
    assert.deepEqual([agent.linked, excluded, admitted], [true, [['w_0']], ['w_1']]);
    agent.stop();
  });

  it('avoids a worker that it could not reach as well, and counts as settled once', async () => {
    const { agent, tally, excluded, admitted } = world((attempt) =>
      attempt === 1 ? new CulvertError('link_lost', 'dead, too') : undefined,
    );
    agent.start();
    await turns();
    tally.begin();
    agent.lose();
    await tally.done;
    assert.deepEqual([excluded, admitted], [[['w_0'], ['w_0', 'w_1']], ['w_2']]);
    assert.equal(tally.result().settled, 1);
    agent.stop();
  });
});
