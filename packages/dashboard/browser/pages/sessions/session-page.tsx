import { Page } from '../../ui/page.tsx';

export default function SessionPage() {
  return <Page title="Session">{null}</Page>;
}
