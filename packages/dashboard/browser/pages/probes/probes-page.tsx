import { Page } from '../../ui/page.tsx';

export default function ProbesPage() {
  return <Page title="Probes">{null}</Page>;
}
