import { Page } from '../../ui/page.tsx';

export default function SessionsPage() {
  return <Page title="Sessions">{null}</Page>;
}
