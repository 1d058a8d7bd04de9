import type { BoardSpec } from './board.ts';
import { CLUSTER } from './cluster.ts';
import { RELEASE } from './release.ts';
import { SESSION } from './session.ts';
import { SLO } from './slo.ts';

export { type BoardSpec, board, queriesOf } from './board.ts';

/** By the name of the file, infra/grafana/NAME.json. */
export const BOARDS: Readonly<Record<string, BoardSpec>> = {
  cluster: CLUSTER,
  session: SESSION,
  release: RELEASE,
  slo: SLO,
};
