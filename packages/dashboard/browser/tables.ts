import type { ClusterNode, Session } from '@culvert/contracts';
import { age, bytes, mood } from './format.ts';

interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** Classes of its cells. */
  readonly look?: (row: Row) => string;
  /** Figures stand under each other, and their title over them. */
  readonly number?: true;
}

const NODE_COLUMNS: readonly Column<ClusterNode>[] = [
  { title: 'Node', text: (node) => node.id },
  { title: 'Role', text: (node) => node.role },
  { title: 'State', text: (node) => node.state, look: (node) => `state ${mood(node.state)}` },
  { title: 'Version', text: (node) => node.version },
  { title: 'Pool', text: (node) => (node.role === 'worker' ? node.pool : '–') },
  { title: 'Sessions', text: (node) => String(node.sessions), number: true },
  { title: 'Connections', text: (node) => String(node.connections), number: true },
  { title: 'Last beat', text: (node) => `${age(node.leaseAgeMs)} ago`, number: true },
  { title: 'Proxy', text: (node) => node.proxy ?? '–', look: () => 'mono' },
];

const SESSION_COLUMNS: readonly Column<Session>[] = [
  { title: 'Session', text: (session) => session.id, look: () => 'mono' },
  { title: 'Name', text: (session) => session.name ?? '–' },
  { title: 'Tenant', text: (session) => session.tenant },
  { title: 'State', text: (session) => session.state, look: (session) => `state ${mood(session.state)}` },
  { title: 'Owner', text: (session) => session.node ?? '–' },
  { title: 'Connections', text: (session) => String(session.connections), number: true },
  { title: 'To target', text: (session) => bytes(session.bytesIn), number: true },
  { title: 'To browser', text: (session) => bytes(session.bytesOut), number: true },
  { title: 'Connected', text: (session) => age(Date.now() - Date.parse(session.connectedAt)), number: true },
];

export function nodeTable(nodes: readonly ClusterNode[]): HTMLElement {
  if (nodes.length > 0) return table('Nodes of the cluster', NODE_COLUMNS, nodes);
  return empty('No node has told Redis of itself yet. Start one: ', 'culvert worker');
}

export function sessionTable(sessions: readonly Session[]): HTMLElement {
  if (sessions.length > 0) return table('Sessions', SESSION_COLUMNS, sessions);
  return empty('No agent is connected. Connect one: ', 'culvert connect --name my-app --allow app.internal:443');
}

function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): HTMLElement {
  const head = element('tr', ...columns.map((column) => titleCell(column)));
  const body = rows.map((row) => element('tr', ...columns.map((column, at) => cell(column, row, at === 0))));
  const drawn = element('table', element('thead', head), element('tbody', ...body));
  drawn.setAttribute('aria-label', caption);
  const frame = element('div', drawn);
  frame.className = 'table';
  return frame;
}

function cell<Row>(column: Column<Row>, row: Row, isFirst: boolean): HTMLElement {
  const drawn = isFirst ? headCell(column.text(row), 'row') : element('td', column.text(row));
  drawn.className = column.number ? 'number' : (column.look?.(row) ?? '');
  return drawn;
}

function titleCell<Row>({ title, number }: Column<Row>): HTMLElement {
  const drawn = headCell(title, 'col');
  if (number) drawn.className = 'number';
  return drawn;
}

function headCell(text: string, scope: 'row' | 'col'): HTMLElement {
  const drawn = element('th', text);
  drawn.setAttribute('scope', scope);
  return drawn;
}

function empty(words: string, command: string): HTMLElement {
  const drawn = element('p', words, element('code', command));
  drawn.className = 'empty';
  return drawn;
}

/** Texts become text nodes: what a tenant chose as a name or label is never read as HTML. */
function element(tag: string, ...content: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  made.append(...content);
  return made;
}
