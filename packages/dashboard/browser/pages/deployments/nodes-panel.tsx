import type { Deployment, DeploymentNode, DeploymentWhy } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { useMay } from '../../api/me.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/page.tsx';
import { CommandDialog } from './command-dialog.tsx';
import { LoadBar } from './load-bar.tsx';
import { isFinished } from './track.ts';
import { EvidenceTable, Track } from './track-view.tsx';
import { nodeVerbsOf } from './verbs.ts';

interface NodesPanelProps {
  readonly deployment: Deployment;
  readonly why: DeploymentWhy | undefined;
}

/** One row for each node: its steps in order, what is on it, what was seen. */
export function NodesPanel({ deployment, why }: NodesPanelProps) {
  return (
    <Panel title="Nodes">
      <ul class="deployments-rows">
        {deployment.nodes.map((node) => (
          <li key={node.id} class="card">
            <NodeRow node={node} deployment={deployment} waits={waitsOf(node, why)} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Who keeps a node from being empty, in words. */
function waitsOf({ id }: DeploymentNode, why: DeploymentWhy | undefined): string[] {
  const reasons = (why?.reasons ?? []).filter(({ node, held }) => node === id && held > 0);
  return [...new Set(reasons.map(({ condition }) => condition))];
}

/** A link while there is something to see. */
function NodeName({ id, isThere }: { readonly id: string; readonly isThere: boolean }) {
  return isThere ? <a href={`/nodes/${encodeURIComponent(id)}`}>{id}</a> : <span>{id}</span>;
}

interface NodeRowProps {
  readonly node: DeploymentNode;
  readonly deployment: Deployment;
  readonly waits: readonly string[];
}

function NodeRow({ node, deployment, waits }: NodeRowProps) {
  const { id, replacement, state, evidence, from, to } = node;
  const hasBegun = evidence.some(({ step, outcome }) => step === 'prepare' && outcome === 'ok');
  // One that was left alone before its turn never got a replacement.
  const isPlanned = evidence.length > 0 || !isFinished(node);
  return (
    <>
      <header class="deployments-node">
        <h3>
          <NodeName id={id} isThere={state !== 'done'} />
          {replacement === null || !isPlanned ? null : (
            <>
              {' '}
              → <NodeName id={replacement} isThere={hasBegun && state !== 'rolled_back'} />
            </>
          )}
        </h3>
        <Badge state={state} />
        <span class="faint">
          {from}
          {replacement === null || !isPlanned ? '' : ` → ${to}`}
        </span>
        {isFinished(node) ? null : <LoadBar node={node} deployment={deployment} />}
        <NodeCommands node={node} deployment={deployment} waits={waits} />
      </header>
      <Track node={node} deployment={deployment} />
      <Waits waits={waits} />
      {evidence.length === 0 ? null : (
        <details>
          <summary>What was seen on {id}</summary>
          <EvidenceTable node={node} />
        </details>
      )}
    </>
  );
}

/** What it waits for now, where that is somebody who uses it. */
function Waits({ waits }: { readonly waits: readonly string[] }) {
  return (
    <>
      {waits.map((condition) => (
        <p key={condition} class="warn">
          <span aria-hidden="true">▲ </span>
          {condition}
        </p>
      ))}
    </>
  );
}

function NodeCommands({ node, deployment, waits }: NodeRowProps) {
  const { operate } = useMay();
  const [verb, setVerb] = useState<'skip' | 'force' | undefined>(undefined);
  if (!operate) return null;
  const labels = { skip: 'Skip', force: 'Force' };
  return (
    <span class="deployments-verbs">
      {nodeVerbsOf(deployment, node).map((one) => (
        <Button
          key={one}
          kind={one === 'force' ? 'danger' : 'plain'}
          label={`${labels[one]} ${node.id}`}
          onClick={() => setVerb(one)}
        >
          {labels[one]}
        </Button>
      ))}
      {verb === undefined ? null : (
        <CommandDialog
          deployment={deployment}
          verb={verb}
          node={node}
          waits={waits}
          onClose={() => setVerb(undefined)}
        />
      )}
    </span>
  );
}
