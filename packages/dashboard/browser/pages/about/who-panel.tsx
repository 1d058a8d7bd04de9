import type { Me } from '@culvert/contracts';
import { useMe, useSignInTime } from '../../api/me.ts';
import { signOutOrSay } from '../../shell/sign-out.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/page.tsx';
import { When } from '../../ui/time.tsx';

const MAY: Readonly<Record<Me['role'], string>> = {
  agent: 'opens sessions of its tenant',
  viewer: 'sees everything but credentials, and changes nothing',
  operator: 'sees everything, moves and closes sessions, drains nodes, deploys',
  admin: 'does all that an operator does, and looks after tenants and keys',
};

/** Who one is, and for how long. */
export function WhoPanel() {
  const { me } = useMe();
  const time = useSignInTime();
  if (me === undefined || me === null) return null;
  const signedIn = me.by === 'cookie';
  return (
    <Panel title="You" actions={signedIn ? <Button onClick={signOutOrSay}>Sign out</Button> : null}>
      <dl class="about-facts">
        <dt>Key</dt>
        <dd>
          {me.label === null ? null : `${me.label}, `}
          <code>{me.keyId}</code>
        </dd>
        <dt>Role</dt>
        <dd>
          {me.role}: {MAY[me.role]}
        </dd>
        {me.tenant === null ? null : (
          <>
            <dt>Tenant</dt>
            <dd>
              <a href={`/tenants/${me.tenant}`}>{me.tenant}</a>
            </dd>
          </>
        )}
        {time === undefined ? null : (
          <>
            <dt>Signed in</dt>
            <dd>
              unless something is asked for, until <When at={time.until} />; at most until <When at={time.endsAt} />
            </dd>
          </>
        )}
      </dl>
    </Panel>
  );
}
