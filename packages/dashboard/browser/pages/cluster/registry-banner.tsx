import type { RegistryStatus } from '@culvert/contracts';
import { Copy } from '../../ui/copy.tsx';
import { When } from '../../ui/time.tsx';

/** Says so when the registry is not as it should be, what that means, and what to do. */
export function RegistryBanner({ registry }: { readonly registry: RegistryStatus }) {
  if (!registry.available) return <Away reason={registry.reason} />;
  if (registry.recovering === true) return <Recovering since={registry.since} />;
  return null;
}

function Away({ reason }: { readonly reason: string | null }) {
  return (
    <div class="problem" role="alert">
      <p>
        <strong>The registry is away</strong>
        {reason === null ? '.' : `: ${reason.replace(/\.$/, '')}.`}
      </p>
      <p>
        What is established goes on, and known routes still resolve. New sessions, moves and deployments wait until
        Redis answers again; what this page shows is the last that was known. Look at Redis first:
      </p>
      <Copy text="culvert doctor" label="the command" />
    </div>
  );
}

function Recovering({ since }: { readonly since: string | null }) {
  return (
    <div class="cluster-notice" role="status">
      <p>
        <strong class="warn">▲ The registry recovers.</strong> Redis lost data
        {since === null ? null : (
          <>
            {' '}
            (<When at={since} />)
          </>
        )}
        , and the workers tell it again what they have: no session is lost by it. Until all have done so the counts are
        too low, and nobody is told that a session does not exist. It ends by itself, within seconds.
      </p>
    </div>
  );
}
