import type { About } from '@culvert/contracts';
import { Panel } from '../../ui/page.tsx';
import { externalLinks } from './about-words.ts';

/** Pages that know more, of the API itself and of others. */
export function Links({ about: { links } }: { readonly about: About }) {
  const others = externalLinks(links);
  return (
    <Panel title="Elsewhere">
      <ul class="about-list">
        <li>
          <a href="/docs">API</a> <small class="faint">every call, with its fields; the document: /docs/json</small>
        </li>
        <li>
          <a href="/status">Status page</a> <small class="faint">what customers see; needs no key</small>
        </li>
        {others.map(({ title, href, what }) => (
          <li key={title}>
            <a href={href} rel="noreferrer">
              {title}
            </a>{' '}
            <small class="faint">{what}</small>
          </li>
        ))}
      </ul>
      <p class="faint">
        Metrics are at <code>/metrics</code> of each process’s admin address.
        {others.length === 3 ? null : (
          <>
            {' '}
            Logs, traces and boards are linked from here when the API is started with <code>--logs-url</code>,{' '}
            <code>--traces-url</code>, <code>--dashboards-url</code>.
          </>
        )}
      </p>
    </Panel>
  );
}
