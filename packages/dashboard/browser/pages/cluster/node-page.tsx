import './cluster.css';
import { useRoute } from 'preact-iso';
import { useLiveCluster } from '../../api/live.ts';
import { useMay } from '../../api/me.ts';
import { Badge } from '../../ui/badge.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { HistoryCharts } from './history-charts.tsx';
import { NodeButtons } from './node-buttons.tsx';
import { NodeDrain } from './node-drain.tsx';
import { NodeEvents } from './node-events.tsx';
import { NodeFacts, NodeFigures } from './node-facts.tsx';
import { HealthReasons } from './node-health.tsx';

/** Everything of one node. */
export default function NodePage() {
  const id = useRoute().params.id ?? '';
  const { operate } = useMay();
  const cluster = useLiveCluster();
  const node = cluster?.nodes.find((each) => each.id === id);
  if (node === undefined) {
    return (
      <Page title={id}>
        {cluster === undefined ? <Loading what="the node" /> : <Gone id={id} />}
        <NodeEvents node={id} />
      </Page>
    );
  }
  const carries = node.role === 'worker' || node.role === 'gateway';
  return (
    <Page
      title={id}
      actions={
        <>
          <Badge state={node.state} />
          {operate ? <NodeButtons node={node} /> : null}
        </>
      }
    >
      <HealthReasons health={node.health} />
      {carries ? <NodeFigures node={node} /> : null}
      <NodeDrain node={node} />
      {carries ? <HistoryCharts node={id} sessions={node.role === 'worker'} /> : null}
      <NodeFacts node={node} />
      <NodeEvents node={id} />
    </Page>
  );
}

function Gone({ id }: { readonly id: string }) {
  return (
    <Empty title={`No node is called ${id} now.`} command="culvert nodes ls">
      <p>
        It was ended or replaced, or never was: what is known of it is below. The <a href="/">cluster’s page</a> has
        those that are there.
      </p>
    </Empty>
  );
}
