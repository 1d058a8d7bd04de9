import { Copy } from '../../ui/copy.tsx';
import { Panel } from '../../ui/page.tsx';

/** What to do first, and what to have at hand for who is asked. */
export function Help() {
  return (
    <Panel title="Help">
      <p>What is wrong, and what to do about it, each thing in a line:</p>
      <Copy text="culvert doctor" label="the command that looks for faults" />
      <p>All that is known of one session, from every process:</p>
      <Copy text="culvert logs --session ID" label="the command that shows a session’s log" />
      <p class="faint">
        Each error has a code: <code>docs/ERRORS.md</code> says what it means. Whoever you ask wants that code, the
        time, the session’s id, and what <code>culvert doctor --json</code> says.
      </p>
    </Panel>
  );
}
