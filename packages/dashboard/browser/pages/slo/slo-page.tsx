import { Page } from '../../ui/page.tsx';

export default function SloPage() {
  return <Page title="SLO">{null}</Page>;
}
