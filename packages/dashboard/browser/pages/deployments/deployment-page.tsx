import { Page } from '../../ui/page.tsx';

export default function DeploymentPage() {
  return <Page title="Deployment">{null}</Page>;
}
