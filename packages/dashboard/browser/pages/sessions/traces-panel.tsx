import { useQuery } from '@tanstack/preact-query';
import { answerOf, api } from '../../api/client.ts';
import { Copy } from '../../ui/copy.tsx';
import { Panel } from '../../ui/page.tsx';
import { linkOf } from './link-of.ts';

/** Where the rest of its story is: the command that always works, and the pages that this cluster was told of. */
export function TracesPanel({ session }: { readonly session: string }) {
  // Without them the command is still there: a failure is not worth a note.
  const { data } = useQuery({
    queryKey: ['about', 'links'],
    queryFn: async () => (await answerOf(api.GET('/v1/about'))).links,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const links = [
    { text: 'Its logs', href: linkOf(data?.logs, session) },
    { text: 'Its traces', href: linkOf(data?.traces, session) },
  ];
  return (
    <Panel title="Logs and traces">
      <p class="actions">
        {links.map(({ text, href }) =>
          href === undefined ? null : (
            <a key={text} class="button plain" href={href} target="_blank" rel="noreferrer">
              {text}
            </a>
          ),
        )}
        <Copy text={`culvert logs --session ${session}`} label="the command" />
      </p>
    </Panel>
  );
}
