import { Page } from '../../ui/page.tsx';

export default function AboutPage() {
  return <Page title="About">{null}</Page>;
}
