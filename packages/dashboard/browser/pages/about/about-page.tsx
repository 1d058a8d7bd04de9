import './about.css';
import type { About } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { answerOf, api } from '../../api/client.ts';
import { useRefetchOn } from '../../api/live.ts';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Help } from './help.tsx';
import { Links } from './links.tsx';
import { Processes } from './processes.tsx';
import { RegistryPanel } from './registry-panel.tsx';
import { Versions } from './versions.tsx';
import { WhoPanel } from './who-panel.tsx';

const KEY = ['about'] as const;

/** What runs here, in which versions, and how it is; who one is; where there is more to read. */
export default function AboutPage() {
  const { data, error, refetch } = useQuery({ queryKey: KEY, queryFn: () => answerOf(api.GET('/v1/about')) });
  useRefetchOn(['node.', 'deployment.'], KEY);
  return (
    <Page title="About">
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined ? error === null && <Loading what="what runs here" /> : <Parts about={data} />}
    </Page>
  );
}

function Parts({ about }: { readonly about: About }) {
  return (
    <>
      <Versions about={about} />
      <Processes about={about} />
      <div class="about-pair">
        <RegistryPanel registry={about.registry} />
        <WhoPanel />
      </div>
      <div class="about-pair">
        <Links about={about} />
        <Help />
      </div>
    </>
  );
}
