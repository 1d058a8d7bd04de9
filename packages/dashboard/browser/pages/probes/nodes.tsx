import type { ProbedNode } from '@culvert/contracts';
import { count } from '../../format/quantities.ts';
import { Badge } from '../../ui/badge.tsx';
import { Panel } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { Since, When } from '../../ui/time.tsx';
import { adviceOf, CHECK_WORDS, worstFirst } from './probe-matrix.ts';
import { NodeLink } from './ways.tsx';

/** Gateways and workers, as probes find them. */
export function ProbedNodes({ nodes }: { readonly nodes: readonly ProbedNode[] }) {
  if (nodes.length === 0) return null;
  return (
    <Panel title="Nodes">
      <p class="faint">Down: two rounds in a row have failed, and none has succeeded since.</p>
      <Table
        caption="Nodes, as probes find them"
        rows={worstFirst(nodes)}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Node', cell: ({ id }) => <NodeLink id={id} /> },
          { title: 'Role', minor: true, cell: ({ role }) => role },
          { title: 'State', cell: ({ state }) => <Badge state={state} /> },
          { title: 'For', cell: ({ since }) => <For since={since} /> },
          { title: 'Rounds failed in a row', numeric: true, minor: true, cell: ({ failures }) => count(failures) },
          { title: 'Last failure', cell: (node) => <Failure node={node} /> },
        ]}
      />
    </Panel>
  );
}

function For({ since }: { readonly since: string }) {
  return (
    <span class="probes-for">
      <Since at={since} />
    </span>
  );
}

function Failure({ node: { id, state, failures, lastFailure } }: { readonly node: ProbedNode }) {
  if (lastFailure === null) return <span class="faint">none</span>;
  const { check, code, message, at } = lastFailure;
  const isNow = state === 'down' || failures > 0;
  return (
    <div class="probes-failure">
      <p>
        {CHECK_WORDS[check]}: {message} <code>{code}</code>, <When at={at} />
      </p>
      {isNow ? <p class="faint">{adviceOf(code, id)}</p> : null}
    </div>
  );
}
