import { useMay } from '../../api/me.ts';
import { Button } from '../../ui/button.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';

/** None at all: how the first one comes about. */
export function NoSessions() {
  const { administer } = useMay();
  return (
    <Empty title="No session is open.">
      <p>
        A session is there once an agent has connected. The agent runs where the private application can be reached:
      </p>
      {administer ? (
        <p>
          1. Make a key for its tenant:{' '}
          <Copy text="culvert keys create --tenant TENANT --role agent" label="the command" />
        </p>
      ) : (
        <p>1. Have an admin make a key for its tenant.</p>
      )}
      <p>
        2. Start it with that key in <code>CULVERT_KEY</code>:{' '}
        <Copy text="culvert connect --name NAME --allow 'app.internal:80'" label="the command" />
      </p>
    </Empty>
  );
}

/** None that is looked for: how to look wider. */
export function NoMatch({ onAll }: { readonly onAll: () => void }) {
  return (
    <Empty title="No session matches.">
      <p>
        The search looks for a part of the id, the name, the tenant or a label’s value; tenant, node and label have to
        be whole. A session that has closed is not listed: <a href="/events?types=session.closed">what has closed</a>.
      </p>
      <Button onClick={onAll}>Show all sessions</Button>
    </Empty>
  );
}
