import type { LiveNode } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { CordonDialog } from './cordon-dialog.tsx';
import { DrainDialog } from './drain-dialog.tsx';
import { actionsOf, type NodeVerb } from './node-actions.ts';

const WORDS: Readonly<Record<NodeVerb, string>> = { cordon: 'Cordon', uncordon: 'Uncordon', drain: 'Drain' };

interface NodeButtonsProps {
  readonly node: LiveNode;
}

/** What an operator can do with the node, for those who may. What can't be done now says why. */
export function NodeButtons({ node }: NodeButtonsProps) {
  const [open, setOpen] = useState<NodeVerb | null>(null);
  const actions = actionsOf(node);
  if (actions.length === 0) return null;
  const close = (): void => setOpen(null);
  const whyNot = actions.find((action) => action.whyNot !== null)?.whyNot;
  return (
    <div class="actions cluster-actions">
      {actions.map(({ verb, whyNot: reason }) => (
        <Button key={verb} onClick={() => setOpen(verb)} disabled={reason !== null} label={`${WORDS[verb]} ${node.id}`}>
          {WORDS[verb]} …
        </Button>
      ))}
      {whyNot === undefined ? null : <small class="faint">{whyNot}</small>}
      {open === 'drain' ? <DrainDialog node={node} onClose={close} /> : null}
      {open === 'cordon' || open === 'uncordon' ? <CordonDialog node={node} verb={open} onClose={close} /> : null}
    </div>
  );
}
