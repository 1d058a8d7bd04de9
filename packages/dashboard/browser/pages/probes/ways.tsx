import type { ProbedWay } from '@culvert/contracts';
import { Empty } from '../../ui/empty.tsx';
import { Panel } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { When } from '../../ui/time.tsx';
import { CHECK_WORDS, CHECKS, matrixOf } from './probe-matrix.ts';

/** Each way into each worker, and what the last probe of it found. */
export function Ways({ ways }: { readonly ways: readonly ProbedWay[] }) {
  const { gateways, workers, way } = matrixOf(ways);
  return (
    <Panel title="Ways in">
      <p class="faint">
        How long the last probe of each way took, by kind of use. Each round tries every gateway and every worker; in
        which pairs changes from round to round.
      </p>
      {workers.length === 0 ? (
        <Empty title="Nothing was probed: no worker is ready." command="npx culvert nodes ls" />
      ) : (
        <Table
          caption="Workers by ways in"
          rows={workers}
          keyOf={(worker) => worker}
          columns={[
            { title: 'Worker', cell: (worker) => <NodeLink id={worker} /> },
            ...gateways.map((gateway) => ({
              title: gateway === null ? 'Direct' : `Through ${gateway}`,
              cell: (worker: string) => <Cell way={way(gateway, worker)} />,
            })),
          ]}
        />
      )}
    </Panel>
  );
}

function Cell({ way }: { readonly way: ProbedWay | undefined }) {
  if (way === undefined) return <span class="faint">not tried yet</span>;
  const { failure, ms, at } = way;
  return (
    <div class="probes-cell">
      {failure === null ? null : (
        <p class="bad">
          <span aria-hidden="true">■</span> {CHECK_WORDS[failure.check]} failed: {failure.message}{' '}
          <code>{failure.code}</code>
        </p>
      )}
      <dl class="probes-times">
        {CHECKS.map((check) =>
          ms[check] === undefined ? null : (
            <div key={check}>
              <dt>{CHECK_WORDS[check]}</dt>
              <dd>{ms[check]} ms</dd>
            </div>
          ),
        )}
      </dl>
      <p class="faint">
        <When at={at} />
      </p>
    </div>
  );
}

export function NodeLink({ id }: { readonly id: string }) {
  return <a href={`/nodes/${encodeURIComponent(id)}`}>{id}</a>;
}
