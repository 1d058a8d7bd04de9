import type { About } from '@culvert/contracts';
import { counted } from '../../format/quantities.ts';
import { Panel } from '../../ui/page.tsx';
import { Stat } from '../../ui/stat.tsx';

/** Those that run side by side. More than one is as it should be only while something is deployed. */
export function Versions({ about: { versions, version, node, runtime, processes } }: { readonly about: About }) {
  return (
    <Panel title="Versions">
      <dl class="stats">
        {versions.map((one) => (
          <Stat key={one.version} label={`Version ${one.version}`}>
            {counted(one.processes, 'process', 'processes')}
          </Stat>
        ))}
      </dl>
      {versions.length > 1 ? (
        <p role="note">
          {counted(versions.length, 'version')} run side by side. While a <a href="/deployments">deployment</a> is under
          way that is as it should be; else <code>culvert deploy start</code> brings all to one.
        </p>
      ) : null}
      <p class="faint">
        This page is from the API {node === '' ? null : <a href={`/nodes/${node}`}>{node}</a>} {version}, on {runtime};{' '}
        {counted(processes.length, 'process', 'processes')} in all.
      </p>
    </Panel>
  );
}
