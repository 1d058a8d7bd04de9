import { Page } from '../../ui/page.tsx';

export default function TenantPage() {
  return <Page title="Tenant">{null}</Page>;
}
