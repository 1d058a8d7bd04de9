import { Page } from '../../ui/page.tsx';

export default function TenantsPage() {
  return <Page title="Tenants">{null}</Page>;
}
