import type { SessionAccess } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Check } from '../../ui/field.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { masked } from './masked.ts';

/** How a browser or a program gets to the session. The credentials are fetched only when somebody wants them. */
export function WaysInPanel({ session }: { readonly session: string }) {
  const [wanted, setWanted] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ['session-access', session],
    queryFn: () => answerOf(api.GET('/v1/sessions/{id}/access', { params: { path: { id: session } } })),
    enabled: wanted,
    gcTime: 0, // no longer in the page's memory than on the page
  });
  return (
    <Panel title="Ways in">
      {wanted ? null : (
        <p>
          <Button onClick={() => setWanted(true)}>Show the ways in</Button>{' '}
          <span class="faint">Proxy address, credentials, PAC file and a curl line.</span>
        </p>
      )}
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {wanted && data === undefined && error === null ? <Loading what="the ways in" /> : null}
      {data === undefined ? null : <Ways access={data} />}
    </Panel>
  );
}

function Ways({ access }: { readonly access: SessionAccess }) {
  const [isShown, setShown] = useState(false);
  const { gateways, direct, username, password, pac, curl, session } = access;
  const secret = (text: string, label: string) => (
    <Copy text={text} label={label} shown={isShown ? text : masked(text, password)} />
  );
  return (
    <>
      <Check label="Show the password" checked={isShown} onChange={setShown} />
      <dl class="sessions-facts sessions-ways">
        <Way name="On the command line">{secret(curl, 'the curl line')}</Way>
        {gateways.map(({ id, proxyUrl }) => (
          <Way key={id} name={gateways.length === 1 ? 'Proxy' : `Proxy (${id})`}>
            {secret(proxyUrl, `the proxy URL of ${id}`)}
          </Way>
        ))}
        <Way name="User name">
          <Copy text={username} label="the user name" />
        </Way>
        <Way name="Password">{secret(password, 'the password')}</Way>
        <Way name="In a browser">
          <Copy text={pac} label="the address of the PAC file" />
          <p class="faint">
            The address for automatic proxy configuration (a PAC file): it needs no key; the browser asks for user name
            and password once.
          </p>
        </Way>
        <Way name="Nothing to type">
          <Copy text={`culvert proxy --session ${session} --listen 127.0.0.1:3128`} label="the command" />
          <p class="faint">A proxy beside the browser that needs no credentials, with a key of the tenant.</p>
        </Way>
        {direct === null ? null : (
          <Way name="Direct">
            {secret(direct.proxyUrl, 'the direct proxy URL')}
            <p class="faint">
              Its worker’s own proxy ({direct.node}): one hop less, but a drain has to wait for such connections.
            </p>
          </Way>
        )}
      </dl>
    </>
  );
}

function Way({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
