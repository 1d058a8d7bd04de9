import { Page } from '../../ui/page.tsx';

export default function ClusterPage() {
  return <Page title="Cluster">{null}</Page>;
}
