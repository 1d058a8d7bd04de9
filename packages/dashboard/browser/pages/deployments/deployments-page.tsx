import { Page } from '../../ui/page.tsx';

export default function DeploymentsPage() {
  return <Page title="Deployments">{null}</Page>;
}
