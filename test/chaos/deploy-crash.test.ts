import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type DeploymentStep, FINAL_STATES } from '@culvert/contracts';
import type { ManagedProcess } from '@culvert/local';
import { inFull } from '../support/chaos/extent.ts';
import { assertKept } from '../support/chaos/report.ts';
import { DeploymentDriver, story } from '../support/deploy/deployments.ts';
import { effectsOf, repeated } from '../support/deploy/effects.ts';
import { ReleaseWorld } from '../support/deploy/release-world.ts';
import { eventually } from '../support/eventually.ts';

const GRID = join(import.meta.dirname, '../../docs/deploy-crash-matrix.md');
const CRASHING = join(import.meta.dirname, '../support/deploy/crashing-deployer.ts');
const STAGES = ['before_commit', 'after_commit', 'after_effect'] as const;
const STEPS = [
  'prepare',
  'verify',
  'admit',
  'cordon',
  'announce',
  'close_idle',
  'busy',
  'verify_empty',
  'terminate',
  'analyze',
] as const satisfies readonly DeploymentStep[];
const CELLS: readonly Cell[] = STEPS.flatMap((step) => STAGES.map((stage) => ({ step, stage })));
const DEADLINE_MS = 90_000;
/** A deploy worker that is started in place of one that was killed is to go on within this. */
const GOES_ON_MS = 10_000;
const EXIT_DEADLINE_MS = 60_000;

interface Cell {
  readonly step: (typeof STEPS)[number];
  readonly stage: (typeof STAGES)[number];
}

/** What one cell came to. */
interface Outcome extends Cell {
  readonly state: string;
  readonly goesOnMs: number;
  readonly repeated: readonly string[];
}

inFull(() => {
  describe('a deploy worker that is killed', { timeout: 1_800_000 }, () => {
    const outcomes: Outcome[] = [];
    let world: ReleaseWorld;
    before(async () => {
      world = await ReleaseWorld.open({ cluster: { workers: 1, gateways: 1, deployers: 0 }, sessions: 4, busy: 2 });
    });
    after(async () => {
      if (outcomes.length === CELLS.length) writeFileSync(GRID, grid(outcomes));
      await world.end();
    });

    for (const [index, cell] of CELLS.entries()) {
      it(`at ${cell.step}, ${cell.stage.replace('_', ' ')}: another one goes on, and nothing happens twice`, async () => {
        outcomes.push(await crash(cell, `2.0.${index}`));
      });
    }

    async function crash(cell: Cell, version: string): Promise<Outcome> {
      const victim = await world.cluster.addDeployer({
        entry: CRASHING,
        env: { CULVERT_TEST_CRASH: `${cell.step}:${cell.stage}` },
      });
      world.expectExit(victim.id);
      const deployment = await DeploymentDriver.start(world.api, { version, strategy: 'surge', analyzeMs: 1_000 });
      await gone(victim, deployment);
      const { revision } = await deployment.show();
      const heir = await world.cluster.addDeployer();
      const startedMs = performance.now();
      await deployment.until('another one goes on', (now) => now.revision > revision, GOES_ON_MS);
      const goesOnMs = performance.now() - startedMs;
      const over = await deployment.ends('succeeded', DEADLINE_MS);
      assert.deepEqual(await world.versions(), [version]);
      await world.busy.passed();
      const tally = world.busy.tally();
      assertKept(tally);
      assert.deepEqual(tally.refused, {});
      const twice = repeated(await effectsOf(world, deployment.id));
      assert.deepEqual(twice, [], `effects that happened twice\n${story(over)}`);
      assert.equal((await deployment.receipt()).totals.connectionsLost, 0);
      await heir.stop();
      return { ...cell, state: over.state, goesOnMs, repeated: twice };
    }

    /** Waits until it has killed itself; a cell that is never reached is a fault of the test. */
    async function gone(victim: ManagedProcess, deployment: DeploymentDriver): Promise<void> {
      const look = async (): Promise<boolean> => {
        if (victim.pid === undefined) return true;
        const now = await deployment.show();
        assert.ok(!FINAL_STATES.includes(now.state), `it came to its end: the cell was not reached\n${story(now)}`);
        return false;
      };
      await eventually(`the death of ${victim.id}`, look, EXIT_DEADLINE_MS);
    }
  });
});

/** For docs/. */
function grid(outcomes: readonly Outcome[]): string {
  const cell = (step: string, stage: string): string => {
    const found = outcomes.find((one) => one.step === step && one.stage === stage);
    assert.ok(found);
    const { state, goesOnMs, repeated: twice } = found;
    return `${state}, ${twice.length} twice, ${(goesOnMs / 1_000).toFixed(1)} s`;
  };
  const rows = STEPS.map((step) => `| ${step} | ${STAGES.map((stage) => cell(step, stage)).join(' | ')} |`);
  return [
    '# Crash matrix of the deploy worker',
    'Written by `test/chaos/deploy-crash.test.ts` (`npm run chaos`). In each cell the only deploy worker is killed (`SIGKILL`) at that',
    'step and stage, and another one is started; two connections are in use all along, and none is lost. The cell: how the',
    'deployment ended, how many effects happened twice, and after how long the other one went on.',
    '',
    `| step | ${STAGES.map((stage) => stage.replace('_', ' ')).join(' | ')} |`,
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
