import type { RegistryStatus } from '@culvert/contracts';
import { count } from '../../format/quantities.ts';
import { Badge } from '../../ui/badge.tsx';
import { Panel } from '../../ui/page.tsx';
import { When } from '../../ui/time.tsx';
import { registryWords } from './about-words.ts';

const TONES: Readonly<Record<string, 'good' | 'warn' | 'bad'>> = { available: 'good', recovering: 'warn', away: 'bad' };

/** Redis, as this API sees it. */
export function RegistryPanel({ registry }: { readonly registry: RegistryStatus }) {
  const { state, text } = registryWords(registry);
  const { sessions, nodes, since, server } = registry;
  return (
    <Panel title="Registry" actions={<Badge state={state} tone={TONES[state] ?? 'bad'} />}>
      <p>{text}</p>
      <dl class="about-facts">
        {sessions === null ? null : <Fact name="Sessions">{count(sessions)}</Fact>}
        {nodes === null ? null : <Fact name="Nodes">{count(nodes)}</Fact>}
        {since === null ? null : (
          <Fact name="Whole since">
            <When at={since} />
          </Fact>
        )}
        {server === null ? null : (
          <Fact name="Server">
            <code>{server.slice(0, 12)}</code>
          </Fact>
        )}
      </dl>
      <p class="faint">
        Whether it agrees with the workers: <code>culvert doctor --registry</code>
      </p>
    </Panel>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
