import { useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { announce } from '../../ui/toast.tsx';

/** For Prometheus; long, so shown when asked for. */
export function AlertRules() {
  const [open, setOpen] = useState(false);
  return (
    <Panel
      title="Alert rules for Prometheus"
      actions={<Button onClick={() => setOpen(!open)}>{open ? 'Hide the rules' : 'Show the rules'}</Button>}
    >
      <p class="faint">Made from the same objectives; when those change, make the rules again.</p>
      <Copy text="npx culvert slo rules > culvert.rules.yml" label="the command" />
      {open ? <Rules /> : null}
    </Panel>
  );
}

function Rules() {
  const { data, error, refetch } = useQuery({
    queryKey: ['slo-rules'],
    queryFn: () => answerOf(api.GET('/v1/slo/rules', { parseAs: 'text' })),
  });
  if (error !== null) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="the rules" />;
  return (
    <>
      <div>
        <Button onClick={() => copy(data)}>Copy the rules</Button>
      </div>
      {/* Scrollable by keyboard only if it can have the focus. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls */}
      <section class="slo-rules" tabIndex={0} aria-label="Alert rules">
        <pre>{data}</pre>
      </section>
    </>
  );
}

function copy(text: string): void {
  // Without HTTPS browsers give no access to the clipboard.
  const byHand = (): void => announce('The browser did not let it be copied: select and copy it by hand.');
  if (navigator.clipboard === undefined) return byHand();
  navigator.clipboard.writeText(text).then(() => announce('The rules are copied.'), byHand);
}
