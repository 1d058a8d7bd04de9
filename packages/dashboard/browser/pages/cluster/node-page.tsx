import { Page } from '../../ui/page.tsx';

export default function NodePage() {
  return <Page title="Node">{null}</Page>;
}
