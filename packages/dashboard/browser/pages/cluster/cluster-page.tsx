import './cluster.css';
import { useFeedState, useLiveCluster } from '../../api/live.ts';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { When } from '../../ui/time.tsx';
import { HistoryCharts } from './history-charts.tsx';
import { NodeTiles } from './node-tiles.tsx';
import { RegistryBanner } from './registry-banner.tsx';
import { Totals } from './totals.tsx';
import { UnderWay } from './under-way.tsx';

/** The cluster as it is, live. */
export default function ClusterPage() {
  const cluster = useLiveCluster();
  const isLost = useFeedState() === 'lost';
  if (cluster === undefined) {
    return (
      <Page title="Cluster">
        <Loading what="the cluster" />
      </Page>
    );
  }
  const hasWorkers = cluster.nodes.some(({ role }) => role === 'worker');
  return (
    <Page title="Cluster" actions={isLost ? <AsOf at={cluster.at} /> : null}>
      <RegistryBanner registry={cluster.registry} />
      <Totals cluster={cluster} />
      <UnderWay deployments={cluster.deployments} />
      {hasWorkers || !cluster.registry.available ? null : <NoWorkers />}
      <NodeTiles nodes={cluster.nodes} />
      <HistoryCharts />
    </Page>
  );
}

function AsOf({ at }: { readonly at: string }) {
  return (
    <p class="bad">
      As it was <When at={at} />
    </p>
  );
}

function NoWorkers() {
  return (
    <Empty title="There is no worker." command="culvert worker">
      <p>
        Agents have nobody to dial, and no session can be opened. Start one where <code>CULVERT_SECRET</code> and{' '}
        <code>CULVERT_REDIS_URL</code> are those of this cluster:
      </p>
    </Empty>
  );
}
